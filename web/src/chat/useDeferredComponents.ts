import { lazyModule } from '../lazyModule';

/** The parts of the chat that nobody needs at once. */
export const { load: loadDeferredChat, use: useDeferredChat } = lazyModule(() => import('./deferredComponents'));
