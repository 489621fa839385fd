/** The parts of the chat that nobody needs at once, as one file that is fetched after the first ones. */
export { ApprovalCard } from './ApprovalCard';
export { ToolDetails } from './ToolDetails';
export { UndoConflicts } from './UndoConflicts';
