import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { createdAt, ltree, moment, ref } from '#lib/server/columns.ts';

/** Which Matrix room holds the chat of a room. */
export const chatRooms = pgTable('chat_rooms', {
	roomId: ref<'room'>('room_id')
		.primaryKey()
		.references(() => rooms.id),
	spacePath: ltree('space_path').notNull(),
	matrixRoomId: text('matrix_room_id').notNull().unique(),
	createdAt: createdAt(),
	/** Of every message up to this moment, by the homeserver's clock, there is a record. */
	readTo: moment('read_to').notNull().defaultNow()
});

/** Who has been let into which Matrix room, so that a change of membership knows whom to take out. */
export const chatMembers = pgTable(
	'chat_members',
	{
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => chatRooms.roomId),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		joinedAt: createdAt()
	},
	(t) => [primaryKey({ columns: [t.roomId, t.personId] }), index('chat_members_person').on(t.personId)]
);
