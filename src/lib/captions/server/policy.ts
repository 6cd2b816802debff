import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const captionsPolicy = {
	/** Read what was said, and find the notes. */
	'caption.see': rule('room', roomsPolicy['room.enter'].allow),
	/** Say whether speech becomes text in this session. */
	'caption.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
