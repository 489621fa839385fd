/** The parts of the page that nobody needs at once, as one file that is fetched after the first ones. */
export { Overlays } from './shell/Overlays';
export { TaskEditor } from './tasks/TaskEditor';
export { ToolDetails } from './chat/ToolDetails';
