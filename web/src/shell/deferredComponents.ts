/** The parts of the frame that nobody needs at once, as one file that is fetched after the first ones. */
export { Overlays } from './Overlays';
export { Toasts } from './Toasts';
