export { createSpace } from './create.ts';
export { findSpace } from './find.ts';
export type { SpaceRow } from './find.ts';
export { insertSpace } from './insert.ts';
export { listMembers, listUnder, mySpaces, seeSpace } from './list.ts';
export type { SpaceView } from './list.ts';
export { addMember, removeMember, rolesIn } from './membership.ts';
