import type { ComponentProps, ReactNode } from 'react';

const KINDS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong font-medium',
  plain: 'bg-surface text-ink border border-line hover:bg-sunken font-medium',
  quiet: 'text-quiet hover:bg-sunken hover:text-ink',
  danger: 'bg-danger-soft text-danger hover:brightness-95 font-medium',
} as const;

type ButtonProps = ComponentProps<'button'> & { kind?: keyof typeof KINDS; busy?: boolean };

/** A button in words. While busy it keeps its place and its width. */
export function Button({ kind = 'plain', busy = false, className = '', children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={`inline-flex min-h-10 touch:min-h-11 items-center justify-center gap-2 rounded-xl px-4 text-body transition-colors disabled:opacity-60 ${KINDS[kind]} ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}

type IconButtonProps = ComponentProps<'button'> & { label: string; children: ReactNode };

/** A button with an icon only: the label is its name and its tooltip. */
export function IconButton({ label, className = '', children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-grid size-10 touch:size-11 shrink-0 place-items-center rounded-xl text-quiet transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50 ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
