import type { Info, Task } from '../api/types';
import { useStore } from '../store';
import { useTaskContext } from '../tasks/taskContext';
import { ChevronIcon } from '../ui/icons';
import { Logo } from '../ui/Logo';

interface EmptyChatProps {
  name: string | null;
  info: Info | null;
  onExample(text: string): void;
}

/** Sentences that work on the list as it is. */
function examples(tasks: Task[]): string[] {
  const open = tasks.find((task) => !task.completed);
  if (!open) return ['Add buy milk', 'Remind me to call the dentist', 'Add two tasks: buy milk and water the plants', 'What can you do?'];
  return ['What is on my list?', `Mark task ${open.id} as done`, 'Remind me to call the dentist', 'What can you do?'];
}

/** A conversation that has not begun: says hello and teaches by sentences one can click. */
export function EmptyChat({ name, info, onExample }: EmptyChatProps) {
  const tasks = useStore(useTaskContext().tasks.view, (view) => view.tasks);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex min-h-full max-w-xl flex-col justify-center px-5 py-8">
        <Logo large />
        <h1 dir="auto" className="mt-5 text-hello font-semibold tracking-tight">{name ? `Hello, ${name.split(' ')[0]}.` : 'Hello.'}</h1>
        <p className="mt-1.5 text-read text-quiet">What should be on your list? Say it in your own words, or try one of these.</p>
        <ul className="mt-6 grid gap-2 sm:grid-cols-2">
          {examples(tasks).map((example) => (
            <li key={example}>
              <button
                type="button"
                onClick={() => onExample(example)}
                className="h-full min-h-12 w-full rounded-2xl border border-line bg-surface px-4 py-2.5 text-left transition-colors hover:border-accent hover:bg-accent-soft"
              >
                {example}
              </button>
            </li>
          ))}
        </ul>
        {info?.model.stand_in && <StandIn />}
      </div>
    </div>
  );
}

/** Says honestly that no real model is configured, what this one understands, and how to get a real one. */
function StandIn() {
  return (
    <details className="group mt-6 rounded-2xl bg-amber-soft text-small">
      <summary className="flex min-h-11 list-none items-center justify-between rounded-2xl px-4 font-medium [&::-webkit-details-marker]:hidden">
        You are talking to the built-in stand-in model
        <ChevronIcon className="size-4 transition-transform group-open:rotate-90" />
      </summary>
      <div className="space-y-2 px-4 pb-4">
        <p>
          No language model is configured, so a small rule-based stand-in answers. It understands simple English sentences: <b>add</b> or <b>remind me to</b> …, <b>show my list</b>, <b>mark task 2 as done</b>, <b>rename task 2 to</b> …, <b>delete task 2</b>.
        </p>
        <p>
          For a real model set <code>OPENAI_API_KEY</code>, and <code>OPENAI_BASE_URL</code> and <code>OPENAI_MODEL</code> for another provider, and start the server again.
        </p>
      </div>
    </details>
  );
}
