export { handIn, openHandIn, setLock, stateAt } from './hand-in.ts';
export { nameVersion, noteRestore } from './keep.ts';
export { lastSeqOf, readLog } from './log.ts';
export { seeHistory } from './see.ts';
