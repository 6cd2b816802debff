import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const recordingsPolicy = {
	/** See that one is recorded, say yes or no to it, and watch afterwards what is for all. */
	'recording.watch': rule('room', roomsPolicy['room.enter'].allow),
	/** Begin and end it, say who may watch, have a film made, and put it away. */
	'recording.lead': rule('room', roomsPolicy['room.lead'].allow),
	/** Say how long recordings of a space are kept. */
	'recording.keep': rule('space', {
		school: { schoolAdmin: ['member'] },
		region: { regionAdmin: ['member'] }
	})
} as const;
