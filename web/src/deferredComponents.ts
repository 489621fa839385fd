/** The parts of the page that nobody needs at once, as one file that is fetched after the first ones. */
export { Overlays } from './shell/Overlays';
export { dragRow } from './tasks/dragRow';
export { TaskEditor } from './tasks/TaskEditor';
export { ApprovalCard } from './chat/ApprovalCard';
export { ToolDetails } from './chat/ToolDetails';
export { UndoConflicts } from './chat/UndoConflicts';
export { QuickEntryChips } from './tasks/QuickEntryChips';
export { Toasts } from './shell/Toasts';
export { DueNotices } from './tasks/DueNotices';
export { askToNotify } from './tasks/watchDue';
export { readLine } from './tasks/lazyQuickEntry';
