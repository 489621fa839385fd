import { lazyModule } from '../lazyModule';

/** The parts of the list that nobody needs at once. */
export const { load: loadDeferredTasks, use: useDeferredTasks } = lazyModule(() => import('./deferredComponents'));
