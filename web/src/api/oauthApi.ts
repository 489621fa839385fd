import type { Session } from '../session/session';
import { jsonRequest, readAnswer, send } from './send';
import type { ProgramRequest, Schemas } from './types';

/** The calls of the consent page, on which a person lets a program use their account. Its request is the query of the page. */

/** Who asks for what. Nobody needs to be signed in for that. */
export async function readProgramRequest(query: string): Promise<ProgramRequest> {
  return readAnswer(await send(`/api/oauth/authorization?${query}`, {}, { replayable: true }));
}

/** Lets the program in for these scopes, or with none turns it away; returns where the browser is to go. */
export async function decideAuthorization(session: Session, userId: string, query: string, scopes: ProgramRequest['scopes']): Promise<string> {
  const request = jsonRequest<'OAuthDecision'>('POST', { request: query, approved: scopes.length > 0, scopes });
  const answer = await session.fetch(`/api/${userId}/oauth/authorizations`, request);
  return (await readAnswer<Schemas['OAuthRedirect']>(answer)).redirect_to;
}
