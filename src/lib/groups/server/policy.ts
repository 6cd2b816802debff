import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const groupsPolicy = {
	/** See one's groups, and choose one where that is so. */
	'group.see': rule('room', roomsPolicy['room.enter'].allow),
	'group.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
