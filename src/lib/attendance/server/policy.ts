import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** Who was there, and why somebody was not, is for those who lead the room. */
export const attendancePolicy = {
	'attendance.see': rule('room', roomsPolicy['room.lead'].allow),
	'attendance.note': rule('room', roomsPolicy['room.lead'].allow)
} as const;
