import { latePart } from './latePart';

/** The parts of the page that nobody needs at once. */
export const { load: loadLater, use: useLater } = latePart(() => import('./later'));
