import type { Session } from '../session/session';
import { ApiError } from './apiErrors';
import { jsonRequest, readAnswer } from './send';
import type { AccessToken, ConnectedProgram, Device, Identity, NewAccessToken, ProviderName, Schemas, TokenRequest } from './types';

/** The calls about everything that has access to the account: tokens, connected programs, signed-in devices, and linked providers. */
export interface AccountAccessApi {
  /** The newest first; those that have expired too. */
  tokens(): Promise<AccessToken[]>;
  /** Makes one; this answer is the only one that has its secret. */
  create(request: TokenRequest): Promise<NewAccessToken>;
  revoke(id: string): Promise<void>;
  /** The programs that one has let in by signing in for them, the newest first. */
  programs(): Promise<ConnectedProgram[]>;
  disconnect(id: string): Promise<void>;
  /** The one that was used last first. */
  devices(): Promise<Device[]>;
  signOut(id: string): Promise<void>;
  /** The providers with which one signs in, the one that was linked first at the front. */
  providers(): Promise<Identity[]>;
  /** Refused for the last way to sign in. */
  giveUp(provider: ProviderName): Promise<void>;
}

export function accountAccessApi(session: Session, userId: string): AccountAccessApi {
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
    async create(request) {
      return readAnswer(await session.fetch(path('tokens'), jsonRequest<'AccessTokenRequest'>('POST', request)));
    },
    revoke: (id) => remove('tokens', id, 'token_not_found'),
    async programs() {
      return (await readAnswer<Schemas['OAuthGrants']>(await session.fetch(path('oauth/grants')))).grants;
    },
    disconnect: (id) => remove('oauth/grants', id, 'grant_not_found'),
    async devices() {
      return (await readAnswer<Schemas['Sessions']>(await session.fetch(path('sessions')))).sessions;
    },
    signOut: (id) => remove('sessions', id, 'session_not_found'),
    async providers() {
      return (await readAnswer<Schemas['Identities']>(await session.fetch(path('identities')))).identities;
    },
    giveUp: (provider) => remove('identities', provider, 'identity_not_found'),
  };
}
