import { useStore } from '../store';
import { useTaskContext } from '../tasks/taskContext';
import { ChatIcon, ListIcon } from '../ui/icons';

export type Pane = 'chat' | 'list';

interface PhoneTabsProps {
  pane: Pane;
  onPane(pane: Pane): void;
}

/** On a phone: one pane at a time, chosen at the bottom, where the thumb is. */
export function PhoneTabs({ pane, onPane }: PhoneTabsProps) {
  const { tasks } = useTaskContext();
  const left = useStore(tasks.view, (view) => view.tasks.reduce((count, task) => count + (task.completed ? 0 : 1), 0));
  return (
    <nav aria-label="Chat or list" className="grid grid-cols-2 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
      <Tab label="Chat" current={pane === 'chat'} onClick={() => onPane('chat')}>
        <ChatIcon />
      </Tab>
      <Tab label={left > 0 ? `List · ${left}` : 'List'} current={pane === 'list'} onClick={() => onPane('list')}>
        <ListIcon />
      </Tab>
    </nav>
  );
}

function Tab({ label, current, onClick, children }: { label: string; current: boolean; onClick(): void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
      className={`flex min-h-13 items-center justify-center gap-2 text-small font-medium -outline-offset-2 ${current ? 'text-accent' : 'text-quiet'}`}
    >
      {children}
      {label}
    </button>
  );
}
