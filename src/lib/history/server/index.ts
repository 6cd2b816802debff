export { handIn, openHandIn, setLock } from './hand-in.ts';
export { nameVersion, noteRestore } from './keep.ts';
export { readLog } from './log.ts';
export { seeHistory } from './see.ts';
