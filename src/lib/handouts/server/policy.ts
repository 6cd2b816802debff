import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const handoutsPolicy = {
	/** See what was put in front of one, and open one's copy. */
	'handout.see': rule('room', roomsPolicy['room.enter'].allow),
	/** Put things in front of people, collect what they made and hand it back. */
	'handout.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
