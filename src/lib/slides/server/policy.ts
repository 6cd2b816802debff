import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const slidesPolicy = {
	/** See what is shown to the room. */
	'slide.see': rule('room', roomsPolicy['room.enter'].allow),
	/** Bring slides, show them and turn their pages for all. */
	'slide.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
