import type { Session } from '../session/session';
import { readAnswer } from './send';
import type { Approval } from './types';

export type Decision = 'approve' | 'reject';

export interface ApprovalApi {
  /** The questions that wait for an answer, the oldest first. */
  waiting(): Promise<Approval[]>;
  /** Answers a question; the same answer twice is as good as once. */
  decide(id: string, decision: Decision): Promise<Approval>;
}

export function approvalApi(session: Session, userId: string): ApprovalApi {
  const path = `/api/${userId}/approvals`;
  return {
    async waiting() {
      const { approvals } = await readAnswer<{ approvals: Approval[] }>(await session.fetch(path, {}));
      return approvals;
    },
    async decide(id, decision) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision }), replayable: true };
      return readAnswer(await session.fetch(`${path}/${encodeURIComponent(id)}`, init));
    },
  };
}
