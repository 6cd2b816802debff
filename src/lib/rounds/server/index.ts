export { answerRound } from './answer.ts';
export { closeDue, dismissRound, dropPrepared, endRound } from './close.ts';
export { seeRounds } from './see.ts';
export { askPrepared, startRound } from './start.ts';
