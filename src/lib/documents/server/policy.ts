import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** Documents lie on the table of a room: whoever enters it reads and writes them. By the kind of the room. */
export const documentsPolicy = {
	'document.read': rule('document', roomsPolicy['room.enter'].allow),
	/** Say something about it; also when it is locked. */
	'document.comment': rule('document', roomsPolicy['room.enter'].allow),
	'document.write': rule('document', roomsPolicy['room.enter'].allow),
	'document.create': rule('room', roomsPolicy['room.enter'].allow),
	'document.change': rule('document', roomsPolicy['room.change'].allow)
} as const;
