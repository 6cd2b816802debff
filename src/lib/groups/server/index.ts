export { makeGroups } from './make.ts';
export { chooseGroup, moveMember } from './members.ts';
export { renameGroup } from './rename.ts';
export { archiveGroups, callBack, callBackDue, openGroups, tellGroups } from './run.ts';
export { seeGroups } from './see.ts';
export { speakToGroups } from './voice.ts';
