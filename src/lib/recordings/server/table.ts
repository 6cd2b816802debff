import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import type { Audience, Film, FilmState, TrackKind, Trouble } from '../model.ts';

/** What was kept of a session, or of a part of it. One goes on at a time in a room. */
export const recordings = pgTable(
	'recordings',
	{
		id: key<'recording'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		audience: text('audience').$type<Audience>().notNull().default('members'),
		startedBy: ref<'person'>('started_by')
			.notNull()
			.references(() => people.id),
		startedAt: moment('started_at').notNull(),
		stoppedAt: moment('stopped_at'),
		/** When every file of it is whole. */
		readyAt: moment('ready_at'),
		/** When the recorder was last at work on it, and what kept it from keeping. */
		tendedAt: moment('tended_at'),
		trouble: text('trouble').$type<Trouble>(),
		expiresAt: moment('expires_at').notNull(),
		/** Out of sight; the files go after it. */
		removedAt: moment('removed_at')
	},
	(t) => [
		uniqueIndex('recordings_going')
			.on(t.roomId)
			.where(sql`stopped_at is null`),
		index('recordings_unready')
			.on(t.stoppedAt)
			.where(sql`ready_at is null`),
		index('recordings_room').on(t.roomId, t.startedAt),
		index('recordings_expiring').on(t.expiresAt)
	]
);

/** Who said yes or no to being recorded. */
export const recordingConsents = pgTable(
	'recording_consents',
	{
		recordingId: ref<'recording'>('recording_id')
			.notNull()
			.references(() => recordings.id, { onDelete: 'cascade' }),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		given: boolean('given').notNull(),
		at: moment('at').notNull()
	},
	(t) => [primaryKey({ columns: [t.recordingId, t.personId] })]
);

/** One file: something that one person sent, without a pause. */
export const recordingTracks = pgTable(
	'recording_tracks',
	{
		id: key<'recordingTrack'>(),
		recordingId: ref<'recording'>('recording_id')
			.notNull()
			.references(() => recordings.id, { onDelete: 'cascade' }),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		kind: text('kind').$type<TrackKind>().notNull(),
		/** When its first frame came. */
		startedAt: moment('started_at').notNull(),
		/** In milliseconds; of a file that goes on, what is on the disk. */
		duration: integer('duration').notNull().default(0),
		bytes: bigint('bytes', { mode: 'number' }).notNull().default(0),
		/** When the file was whole. */
		closedAt: moment('closed_at')
	},
	(t) => [index('recording_tracks_recording').on(t.recordingId, t.startedAt)]
);

export const recordingMarks = pgTable(
	'recording_marks',
	{
		id: key<'recordingMark'>(),
		recordingId: ref<'recording'>('recording_id')
			.notNull()
			.references(() => recordings.id, { onDelete: 'cascade' }),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		at: integer('at').notNull(),
		until: integer('until'),
		text: text('text').notNull(),
		createdAt: createdAt()
	},
	(t) => [index('recording_marks_recording').on(t.recordingId, t.at)]
);

/** The one film that is made of a recording on request, part by part. */
export const recordingFilms = pgTable(
	'recording_films',
	{
		recordingId: ref<'recording'>('recording_id')
			.primaryKey()
			.references(() => recordings.id, { onDelete: 'cascade' }),
		spacePath: ltree('space_path').notNull(),
		state: text('state').$type<FilmState>().notNull(),
		done: integer('done').notNull().default(0),
		of: integer('of').notNull().default(0),
		bytes: bigint('bytes', { mode: 'number' }).notNull().default(0),
		reason: text('reason').$type<Film['reason']>(),
		requestedBy: ref<'person'>('requested_by')
			.notNull()
			.references(() => people.id),
		requestedAt: moment('requested_at').notNull()
	},
	(t) => [index('recording_films_waiting').on(t.state, t.requestedAt)]
);

/** How long recordings of a space, and of the spaces in it that say nothing of their own, are kept. */
export const recordingKeeping = pgTable('recording_keeping', {
	spaceId: ref<'space'>('space_id')
		.primaryKey()
		.references(() => spaces.id),
	spacePath: ltree('space_path').notNull(),
	days: integer('days').notNull()
});
