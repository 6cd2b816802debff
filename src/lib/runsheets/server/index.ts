export { exportReport } from './export.ts';
export { endRun, reorderSteps, runSheet, startStep } from './run.ts';
export { seeReport, seeSheets, stepsOf } from './see.ts';
export { changeSheet, copySheet, dropSheet, makeSheet } from './sheets.ts';
