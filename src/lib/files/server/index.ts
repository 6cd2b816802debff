export { beginUpload } from './begin.ts';
export { dropUpload } from './drop.ts';
export { finishUpload } from './finish.ts';
export { listFiles } from './list.ts';
export { receiveUpload } from './receive.ts';
export { sendFile } from './send.ts';
