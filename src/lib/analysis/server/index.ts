export { analyseRoom } from './analyse.ts';
export { exportEvents } from './export.ts';
export { listEvents } from './list.ts';
export { listSessions } from './sessions.ts';
