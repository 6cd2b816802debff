import { boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { files } from '#lib/files/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { DeckState, DeckTrouble } from '../model.ts';

/** Slides of a room. The row is also the job that makes pages of the file: a process that takes it up says so as it goes on. */
export const slideDecks = pgTable(
	'slide_decks',
	{
		id: key<'deck'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		/** As it was brought. */
		fileId: ref<'file'>('file_id')
			.notNull()
			.references(() => files.id),
		/** What is shown: the file itself, or the PDF that was made of it. */
		pdfId: ref<'file'>('pdf_id').references(() => files.id),
		state: text('state').$type<DeckState>().notNull(),
		trouble: text('trouble').$type<DeckTrouble>(),
		pages: integer('pages'),
		/** There are scripts in it; they never run. */
		scripts: boolean('scripts').notNull().default(false),
		createdBy: ref<'person'>('created_by')
			.notNull()
			.references(() => people.id),
		createdAt: createdAt(),
		/** When the process that works on it said so last. */
		workedAt: moment('worked_at'),
		/** How often somebody began to work on it. */
		tries: integer('tries').notNull().default(0),
		archivedAt: moment('archived_at')
	},
	(t) => [index('slide_decks_room').on(t.roomId, t.createdAt), index('slide_decks_state').on(t.state, t.createdAt)]
);

/** What is shown in a room now, or was shown last; it counts for the session in which it was shown. */
export const slideShows = pgTable('slide_shows', {
	roomId: ref<'room'>('room_id')
		.primaryKey()
		.references(() => rooms.id),
	spacePath: ltree('space_path').notNull(),
	sessionId: ref<'session'>('session_id')
		.notNull()
		.references(() => sessions.id),
	deckId: ref<'deck'>('deck_id')
		.notNull()
		.references(() => slideDecks.id),
	/** From 1; null when it was taken off the screens. */
	page: integer('page'),
	/** All follow whoever leads; otherwise everybody turns freely. */
	together: boolean('together').notNull(),
	/** Grows with each turn, so that nobody goes back to an older one. */
	turn: integer('turn').notNull()
});

/** Which page a session was shown from when on; page null: none any more. */
export const slideTurns = pgTable(
	'slide_turns',
	{
		id: key<'turn'>(),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		deckId: ref<'deck'>('deck_id')
			.notNull()
			.references(() => slideDecks.id),
		page: integer('page'),
		at: moment('at').notNull()
	},
	(t) => [index('slide_turns_session').on(t.sessionId, t.at)]
);
