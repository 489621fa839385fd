import { openConversation } from '../page/route';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { useWorkspace } from '../workspace';
import { waitingElsewhere } from './approvals';

/** Says that another conversation waits for a yes or a no: a program that may not change tasks, perhaps, has asked there. */
export function WaitingApprovals({ conversation }: { conversation: string }) {
  const { approvals } = useWorkspace();
  const waiting = waitingElsewhere(useStore(approvals.waiting), useStore(approvals.heard), conversation);
  const first = waiting[0];
  return (
    <div role="status">
      {first && (
        <div className="flex flex-wrap items-center justify-center gap-x-3 border-b border-line bg-amber-soft px-4 py-1 text-small text-ink">
          <p dir="auto" className="wrap-anywhere">
            {waiting.length === 1 ? 'A question waits for your answer: ' : `${waiting.length} questions wait for your answer. The first: `}
            {first.sentence}
          </p>
          <Button kind="quiet" className="px-3! text-small! font-medium text-ink!" onClick={() => openConversation(first.conversation_id)}>
            Look at it
          </Button>
        </div>
      )}
    </div>
  );
}
