import { overlay } from '../page/overlay';
import { openConversation } from '../page/route';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { waitingElsewhere } from './approvals';
import { useChatContext } from './chatContext';

/** Says that a yes or a no is waited for elsewhere: in another conversation, or by a program that has asked by itself. */
export function ApprovalsElsewhere({ conversation }: { conversation: string }) {
  const { approvals } = useChatContext();
  const waiting = waitingElsewhere(useStore(approvals.waiting), useStore(approvals.known), conversation);
  const first = waiting[0];
  return (
    <div role="status">
      {first && (
        <div className="flex flex-wrap items-center justify-center gap-x-3 border-b border-line bg-amber-soft px-4 py-1 text-small text-ink">
          <p dir="auto" className="wrap-anywhere">
            {waiting.length === 1 ? 'A question waits for your answer: ' : `${waiting.length} questions wait for your answer. The first: `}
            {first.program && <>“<bdi>{first.program}</bdi>” asks: </>}
            {first.sentence}
          </p>
          <Button kind="quiet" className="px-3! text-small! font-medium text-ink!" onClick={() => (first.conversation_id ? openConversation(first.conversation_id) : overlay.set({ kind: 'program-approvals' }))}>
            Look at it
          </Button>
        </div>
      )}
    </div>
  );
}
