export { createSpace } from './create.ts';
export { findPerson } from './find-person.ts';
export { findSpace } from './find.ts';
export type { SpaceRow } from './find.ts';
export { regionToFoundIn } from './founding.ts';
export { insertSpace } from './insert.ts';
export { listMembers, listUnder, mySpaces, seeSpace } from './list.ts';
export type { SpaceView } from './list.ts';
export { addMember, removeMember } from './membership.ts';
