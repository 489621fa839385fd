import { lazyModule } from './lazyModule';

/** The parts of the page that nobody needs at once. */
export const { load: loadDeferred, use: useDeferred } = lazyModule(() => import('./deferredComponents'));
