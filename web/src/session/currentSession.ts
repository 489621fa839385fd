import { memory } from '../storage';
import { Session } from './session';

/** The session of this page. */
export const session = new Session(memory);
