import type { FormEvent, ReactNode } from 'react';

interface AuthCardProps {
  title: string;
  onSubmit(event: FormEvent<HTMLFormElement>): void;
  children: ReactNode;
}

/** A form on the page of who is not signed in. */
export function AuthCard({ title, onSubmit, children }: AuthCardProps) {
  return (
    <form method="post" onSubmit={onSubmit} aria-label={title} className="space-y-4 rounded-3xl border border-line bg-surface p-6 shadow-xs sm:p-8">
      <h2 className="text-head font-semibold tracking-tight">{title}</h2>
      {children}
    </form>
  );
}

/** What went wrong, read out when it appears. */
export function AuthProblem({ children }: { children: ReactNode }) {
  return <div role="alert">{children && <p className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-danger">{children}</p>}</div>;
}

/** A button that looks like a link: another form instead of this one. */
export function LinkButton({ onClick, children }: { onClick(): void; children: ReactNode }) {
  return (
    <button type="button" className="inline-flex min-h-10 touch:min-h-11 items-center font-medium text-accent underline-offset-4 hover:underline" onClick={onClick}>
      {children}
    </button>
  );
}
