export { auditAct } from './audit.ts';
export { record } from './record.ts';
export type { Act } from './record.ts';
export { seeAudit } from './see-audit.ts';
export type { AuditRow } from './see-audit.ts';
