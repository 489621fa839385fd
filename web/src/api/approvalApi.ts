import type { Session } from '../session/session';
import { jsonRequest, readAnswer } from './send';
import type { Approval, Schemas } from './types';

export type Decision = Schemas['ApprovalDecision']['decision'];

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
      const { approvals } = await readAnswer<Schemas['Approvals']>(await session.fetch(path, {}));
      return approvals;
    },
    async decide(id, decision) {
      const request = jsonRequest<'ApprovalDecision'>('POST', { decision });
      return readAnswer(await session.fetch(`${path}/${encodeURIComponent(id)}`, { ...request, replayable: true }));
    },
  };
}
