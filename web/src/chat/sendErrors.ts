/** The message was typed, and the page was closed before anybody answered. */
export class NotSent extends Error {
  override name = 'NotSent';
  constructor() {
    super('This message was not sent.');
  }
}

/** Whoever worked on the answer is gone, and nobody here knows the key of its message. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor() {
    super('This answer was interrupted.');
  }
}
