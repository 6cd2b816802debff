export { addTask } from './add.ts';
export { changeTask } from './change.ts';
export { linkDocument, unlinkDocument } from './link.ts';
export { addMilestone, changeMilestone, removeMilestone } from './milestones.ts';
export { moveTask } from './move.ts';
export { progressOfRooms, seeProgress } from './progress.ts';
export { removeTask, restoreTask } from './remove.ts';
export { seeProject, seeTask } from './see.ts';
