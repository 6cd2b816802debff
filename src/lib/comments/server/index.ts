export { beginThread } from './begin.ts';
export { editReply, removeReply } from './edit.ts';
export { listThreads, seeThread } from './list.ts';
export { replyTo } from './reply.ts';
export { resolveThread } from './resolve.ts';
