export { auditAct } from './audit.ts';
export { record } from './record.ts';
export type { Act } from './record.ts';
