import { useEffect } from 'react';
import { useStore } from '../store';
import { Dialog } from '../ui/Dialog';
import { ApprovalCard } from './ApprovalCard';
import { ofPrograms } from './approvals';
import { useChatContext } from './chatContext';

/** What programs ask that have no conversation here: each question with the program's name, Yes and No. */
export function ProgramApprovalsDialog({ onClose }: { onClose(): void }) {
  const { approvals } = useChatContext();
  const questions = ofPrograms(useStore(approvals.waiting), useStore(approvals.known));
  useEffect(() => void approvals.load().catch(() => {}), [approvals]);
  return (
    <Dialog title="Questions of programs" side="wide" onClose={onClose}>
      <p className="text-small text-quiet">A program that you let in may not do this by itself. It is done when you say yes, and only as it stands here.</p>
      <ul className="mt-4 space-y-3">
        {questions.map((one) => (
          <li key={one.id}>
            <ApprovalCard approval={one} onDecide={(asked, decision) => approvals.decide(asked, decision)} />
          </li>
        ))}
      </ul>
      {questions.length === 0 && <p className="py-8 text-center text-quiet">No program asks for anything.</p>}
    </Dialog>
  );
}
