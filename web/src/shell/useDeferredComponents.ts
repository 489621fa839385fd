import { lazyModule } from '../lazyModule';

/** The parts of the frame that nobody needs at once. */
export const { load: loadDeferredFrame, use: useDeferredFrame } = lazyModule(() => import('./deferredComponents'));
