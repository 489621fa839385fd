import { createContext, useContext } from 'react';

/** A context without a default, and the hook that reads it: it throws where nothing above provides a value. */
export function requiredContext<T extends object>(name: string) {
  const Context = createContext<T | null>(null);
  const use = (): T => {
    const value = useContext(Context);
    if (!value) throw new Error(`${name} is not provided`);
    return value;
  };
  return [Context, use] as const;
}
