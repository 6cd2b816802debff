export { createAuth } from './auth.ts';
export type { Auth } from './auth.ts';
export { inHat, whoAsks, whoHold, whoHolds } from './who-asks.ts';
export { signInLimits } from './limits.ts';
export { seeMyself } from './me.ts';
export type { Me } from './me.ts';
export { listSignIns } from './password.ts';
export { signOutEverywhere } from './sign-out-everywhere.ts';
export type { Passwords } from './passwords.ts';
