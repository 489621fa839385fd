import { ConnectionLost, Unreachable } from '../api/apiErrors';

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
