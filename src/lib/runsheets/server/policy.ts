import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

export const runsheetsPolicy = {
	/** See which step of the lesson goes on. */
	'sheet.see': rule('room', roomsPolicy['room.enter'].allow),
	/** Make plans, teach by them, and see how long each step took. */
	'sheet.lead': rule('room', roomsPolicy['room.lead'].allow)
} as const;
