export { exportAttendance } from './export.ts';
export { noteAttendance } from './note.ts';
export { seeAttendance } from './see.ts';
