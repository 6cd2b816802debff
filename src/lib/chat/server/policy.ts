import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** Whoever enters a room reads and writes its chat. */
export const chatPolicy = {
	'chat.join': rule('room', roomsPolicy['room.enter'].allow)
} as const;
