import { connection } from '../api/connectionStatus';
import { memory } from '../storage';
import { useStore } from '../store';

/** What is in the way right now, in a calm line above everything. */
export function Banners() {
  const state = useStore(connection);
  return (
    <div role="status">
      {state === 'waking' && (
        <Banner>
          <span className="mr-2 inline-block size-2 animate-breathe rounded-full bg-accent" aria-hidden="true" />
          Waking up the server. This takes up to a minute; what you typed is kept.
        </Banner>
      )}
      {state === 'offline' && <Banner>You are offline. You can keep reading and typing; nothing is lost.</Banner>}
      {!memory.isPersistent && <Banner>This browser does not let a framed page remember you. Open it in its own tab to stay signed in.</Banner>}
    </div>
  );
}

function Banner({ children }: { children: React.ReactNode }) {
  return <p className="border-b border-line bg-amber-soft px-4 py-2 text-center text-small text-ink">{children}</p>;
}
