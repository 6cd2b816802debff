export { joinChat } from './join.ts';
export { receiveEvents } from './receive.ts';
