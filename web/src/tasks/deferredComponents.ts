/** The parts of the list that nobody needs at once, as one file that is fetched after the first ones. */
export { dragRow } from './dragRow';
export { TaskEditor } from './TaskEditor';
export { QuickEntryChips } from './QuickEntryChips';
export { DueNotices } from './DueNotices';
export { askToNotify } from './watchDue';
export { readLine } from './lazyQuickEntry';
