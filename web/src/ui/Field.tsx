import { useId, type ComponentProps } from 'react';

export const INPUT =
  'w-full min-h-11 rounded-xl border border-edge bg-surface px-3.5 text-body text-ink outline-offset-0 transition-colors hover:border-ink aria-[invalid=true]:border-danger';

type FieldProps = ComponentProps<'input'> & { label: string; hint?: string; problem?: string | null };

/** A labelled input; what is wrong with it is said below and tied to it for screen readers. */
export function Field({ label, hint, problem, className = '', ...rest }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-small font-medium">
        {label}
      </label>
      <input id={id} className={INPUT} aria-invalid={problem ? true : undefined} aria-describedby={note ? `${id}-note` : undefined} {...rest} />
      {note && (
        <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={`mt-1.5 text-small ${problem ? 'text-danger' : 'text-quiet'}`}>
          {note}
        </p>
      )}
    </div>
  );
}
