import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** A project belongs to a room: whoever enters it sees what is to be done, and says so too. By the kind of the room. */
export const projectsPolicy = {
	'project.see': rule('room', roomsPolicy['room.see'].allow),
	'project.change': rule('room', roomsPolicy['room.enter'].allow)
} as const;
