import type { User } from '../api/types';
import { requiredContext } from '../requiredContext';
import type { Session } from './session';

/** Who is signed in. */
export interface SessionContextValue {
  user: User;
  session: Session;
}

export const [SessionContext, useSession] = requiredContext<SessionContextValue>('SessionContext');
