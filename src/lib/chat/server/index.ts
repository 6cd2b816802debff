export { chatBetween } from './between.ts';
export { joinChat } from './join.ts';
export { seeChatPeople } from './people.ts';
export { receiveEvents } from './receive.ts';
