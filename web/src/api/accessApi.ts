import type { Session } from '../session/session';
import { ApiError } from './problem';
import { jsonRequest, readAnswer } from './send';
import type { AccessToken, Device, NewAccessToken, Schemas, TokenWish } from './types';

/** The calls about who else comes in: programs by a token of theirs, and the devices on which one is signed in. */
export interface AccessApi {
  /** The newest first; those that have expired too. */
  tokens(): Promise<AccessToken[]>;
  /** Makes one; this answer is the only one that has its secret. */
  create(wish: TokenWish): Promise<NewAccessToken>;
  revoke(id: string): Promise<void>;
  /** The one that was used last first. */
  devices(): Promise<Device[]>;
  signOut(id: string): Promise<void>;
}

export function accessApi(session: Session, userId: string): AccessApi {
  const path = (what: string) => `/api/${userId}/${what}`;
  /** What is not there any more is gone already: by another device, or by a first attempt whose answer was lost. */
  const remove = async (what: string, id: string, gone: string) => {
    const response = await session.fetch(path(`${what}/${encodeURIComponent(id)}`), { method: 'DELETE' });
    await readAnswer<void>(response).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.code === gone)) throw error;
    });
  };
  return {
    async tokens() {
      return (await readAnswer<Schemas['AccessTokens']>(await session.fetch(path('tokens')))).tokens;
    },
    async create(wish) {
      return readAnswer(await session.fetch(path('tokens'), jsonRequest<'AccessTokenRequest'>('POST', wish)));
    },
    revoke: (id) => remove('tokens', id, 'token_not_found'),
    async devices() {
      return (await readAnswer<Schemas['Sessions']>(await session.fetch(path('sessions')))).sessions;
    },
    signOut: (id) => remove('sessions', id, 'session_not_found'),
  };
}
