import { Dialog } from '../ui/Dialog';
import { LOCAL_KEYS, SHORTCUTS } from '../page/shortcuts';

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="divide-y divide-line">
        {[...Object.values(SHORTCUTS), ...LOCAL_KEYS].map(({ keys, meaning }) => (
          <div key={keys} className="flex min-h-11 items-center justify-between gap-4 py-1.5">
            <dt>{meaning}</dt>
            <dd className="flex gap-1">
              {keys.split(' ').map((key) => (
                <kbd key={key} className="rounded-lg border border-line bg-sunken px-2 py-0.5 font-sans text-small">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
