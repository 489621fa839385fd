import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button';

interface ErrorBoundaryProps {
  /** Something small was to be drawn, over a page that still works. */
  small?: boolean;
  children: ReactNode;
}

/**
 * The last resort when drawing fails, or when a part of the page cannot be fetched: the server sleeps, or has a
 * new version. Says so and offers a fresh start; drafts are kept in the browser.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    const again = (
      <Button kind="primary" onClick={() => location.reload()}>
        Load it again
      </Button>
    );
    if (this.props.small) {
      return (
        <div role="alert" className="fixed inset-x-3 bottom-20 z-70 mx-auto flex max-w-md items-center gap-4 rounded-2xl border border-line bg-surface p-4 shadow-lg">
          <p className="flex-1">This part of the page could not be fetched. What you typed is kept.</p>
          {again}
        </div>
      );
    }
    return (
      <main className="grid h-full place-content-center justify-items-center gap-4 p-6 text-center">
        <h1 className="text-hello font-semibold tracking-tight">Something broke on this page</h1>
        <p className="max-w-sm text-quiet">Your list and your conversations are safe on the server, and what you typed is kept here.</p>
        {again}
      </main>
    );
  }
}
