import type { Scope } from '../api/types';

export interface ScopeLabel {
  scope: Scope;
  label: string;
  note: string;
}

/** The label of each scope, and what it lets a program do. */
export const SCOPES: readonly ScopeLabel[] = [
  { scope: 'tasks:read', label: 'See tasks', note: 'Your list, what was changed in it, and how much of your limits is used.' },
  { scope: 'tasks:write', label: 'Change tasks', note: 'Add, change, tick off and delete, undo, and answer what the assistant asks.' },
  { scope: 'chat', label: 'Talk to the assistant', note: 'And read your conversations. It changes tasks only where the program may change them itself.' },
];

/** The words for a scope; its name for one that this page does not know. */
export const scopeLabel = (scope: Scope): ScopeLabel => SCOPES.find((one) => one.scope === scope) ?? { scope, label: scope, note: '' };

/** What a program may do, in words. */
export function scopesInWords(scopes: readonly Scope[]): string {
  const words = scopes.map((one) => lowered(scopeLabel(one).label));
  return `May ${words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? 'do nothing')}`;
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
