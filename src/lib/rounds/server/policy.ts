import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const roundsPolicy = {
	/** See what is asked, and answer. */
	'round.answer': rule('room', roomsPolicy['room.enter'].allow),
	'round.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
