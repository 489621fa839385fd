import { ApiError, ConnectionLost, Unreachable } from '../api/apiErrors';
import { backOff } from '../sleep';

/** How often an answer is asked for again, and how often while a model is loaded: some three minutes. */
const ATTEMPTS = 8;
const LOADING_ATTEMPTS = 18;
/** Refusals that pass by themselves: no other 409 does. */
const IN_PROGRESS = ['turn_in_progress', 'request_in_progress'];

/** The message was typed, and the page was closed before anybody answered. */
export class NotSent extends Error {
  override name = 'NotSent';
  constructor() {
    super('This message was not sent.');
  }
}

/** The server working on the answer stopped, and nobody here knows the key of its message. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor() {
    super('This answer was interrupted.');
  }
}

/** What was to be replaced was changed in another tab or on another device. */
export class Outdated extends Error {
  override name = 'Outdated';
  constructor() {
    super('This conversation went on elsewhere, so nothing was replaced. It is shown as it is now.');
  }
}

/** Nobody knows what became of the request, and the same again may find out. */
export const isPassing = (problem: Error): boolean => problem instanceof ConnectionLost || problem instanceof Unreachable;

/** Whether what was asked for may be done all the same: then it is only ever repeated as it was. */
export const isUndecided = (problem: Error): boolean => isPassing(problem) || (problem instanceof ApiError && ['request_in_progress', 'outcome_unknown'].includes(problem.code));

/** How an answer that broke off for a passing reason is asked for once more: when, and what is waited for until then. */
export function nextAttempt(error: Error | undefined, attempt: number): { waitsFor: 'model' | 'connection'; wait: number } | null {
  const refusal = error instanceof ApiError ? error : null;
  const loading = refusal?.code === 'model_loading';
  const other = refusal !== null && IN_PROGRESS.includes(refusal.code);
  if (!loading && !other && !(error instanceof ConnectionLost)) return null;
  if (attempt >= (loading ? LOADING_ATTEMPTS : ATTEMPTS)) return null;
  return { waitsFor: loading ? 'model' : 'connection', wait: refusal ? (refusal.retryAfter ?? 2) * 1000 : backOff(attempt) };
}
