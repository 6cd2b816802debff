export { createAuth } from './auth.ts';
export type { Auth } from './auth.ts';
export { inHat, whoAsks, whoHolds } from './who-asks.ts';
