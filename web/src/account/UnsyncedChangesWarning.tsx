/** Signing out forgets what is kept on this device: said before it happens. */
export function UnsyncedChangesWarning({ count }: { count: number }) {
  const one = count === 1;
  return (
    <p role="alert">
      The server has not got {one ? 'one change' : `${count} changes`} to your list yet. Signing out forgets {one ? 'it' : 'them'}.
    </p>
  );
}
