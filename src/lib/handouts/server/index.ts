export { collectHandout, returnCopy } from './collect.ts';
export { openCopy } from './open.ts';
export { pushHandout } from './push.ts';
export { seeHandouts } from './see.ts';
