export { openCheckCall } from './call.ts';
export { seeWays } from './see.ts';
