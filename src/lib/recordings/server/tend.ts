import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { and, asc, eq, inArray, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { folderOf } from '../model.ts';
import type { Film, TrackKind, Trouble } from '../model.ts';
import { recordingConsents, recordingFilms, recordings, recordingTracks } from './table.ts';

// What the recorder asks and tells: it acts for the space, not for a person.

const within = <Result>(services: Services, work: (ctx: Context) => Promise<Result>): Promise<Result> =>
	transaction(systemContext(services), work);

/** A recording that goes on, and whose sound and picture may be kept. */
export interface Going {
	readonly id: Id<'recording'>;
	readonly roomId: RoomId;
	readonly spacePath: string;
	readonly startedAt: Date;
	readonly consents: ReadonlySet<string>;
}

/** All recordings that go on now. */
export function goingRecordings(services: Services): Promise<Going[]> {
	return within(services, async (ctx) => {
		const going = await ctx.db.select().from(recordings).where(isNull(recordings.stoppedAt));
		if (going.length === 0) return [];
		const said = await ctx.db
			.select()
			.from(recordingConsents)
			.where(
				and(
					eq(recordingConsents.given, true),
					inArray(
						recordingConsents.recordingId,
						going.map(({ id }) => id)
					)
				)
			);
		return going.map(({ id, roomId, spacePath, startedAt }) => ({
			id,
			roomId,
			spacePath,
			startedAt,
			consents: new Set(said.filter(({ recordingId }) => recordingId === id).map(({ personId }) => personId))
		}));
	});
}

/** Says that the recorder is at work on a recording, and what keeps it from keeping; those in the room hear of a change. */
export async function tendRecording(services: Services, going: Going, trouble: Trouble | null): Promise<void> {
	await within(services, async (ctx) => {
		const [before] = await ctx.db
			.select({ trouble: recordings.trouble, tendedAt: recordings.tendedAt })
			.from(recordings)
			.where(eq(recordings.id, going.id))
			.for('update');
		await ctx.db.update(recordings).set({ tendedAt: ctx.now(), trouble }).where(eq(recordings.id, going.id));
		if (before && (before.trouble !== trouble || before.tendedAt === null))
			await publish(ctx.db, { kind: 'recording', roomId: going.roomId });
	});
}

export interface NewTrack {
	readonly id: Id<'recordingTrack'>;
	readonly personId: PersonId;
	readonly kind: TrackKind;
	readonly startedAt: Date;
}

/** A file is there, before anything is in it: whatever happens, it is found again. */
export async function beginTrack(services: Services, { id: recordingId, spacePath }: Going, track: NewTrack): Promise<void> {
	await within(services, (ctx) => ctx.db.insert(recordingTracks).values({ ...track, recordingId, spacePath }));
}

export interface TrackSize {
	readonly id: Id<'recordingTrack'>;
	readonly duration: number;
	readonly bytes: number;
}

/** How much of some files is on the disk by now. */
export async function noteTracks(services: Services, sizes: readonly TrackSize[]): Promise<void> {
	if (sizes.length === 0) return;
	await within(services, async (ctx) => {
		for (const { id, ...size } of sizes) await ctx.db.update(recordingTracks).set(size).where(eq(recordingTracks.id, id));
	});
}

/** A file is whole; null: nothing in it can be read, and it is as if it had not been. */
export async function closeTrack(
	services: Services,
	id: Id<'recordingTrack'>,
	size: Omit<TrackSize, 'id'> | null
): Promise<void> {
	await within(services, (ctx) =>
		size
			? ctx.db
					.update(recordingTracks)
					.set({ ...size, closedAt: ctx.now() })
					.where(eq(recordingTracks.id, id))
			: ctx.db.delete(recordingTracks).where(eq(recordingTracks.id, id))
	);
}

/** Files that nobody closed; those that are being written now among them. */
export function openTracks(services: Services): Promise<{ id: Id<'recordingTrack'>; recordingId: Id<'recording'> }[]> {
	return within(services, (ctx) =>
		ctx.db
			.select({ id: recordingTracks.id, recordingId: recordingTracks.recordingId })
			.from(recordingTracks)
			.where(isNull(recordingTracks.closedAt))
	);
}

/** Recordings that ended and of which every file is whole can be watched. Returns how many there were. */
export async function finishRecordings(services: Services): Promise<number> {
	return within(services, async (ctx) => {
		const ended = await ctx.db
			.select({ id: recordings.id, roomId: recordings.roomId })
			.from(recordings)
			.where(and(isNotNull(recordings.stoppedAt), isNull(recordings.readyAt)))
			.for('update');
		let finished = 0;
		for (const { id, roomId } of ended) {
			const open = await ctx.db.$count(
				recordingTracks,
				and(eq(recordingTracks.recordingId, id), isNull(recordingTracks.closedAt))
			);
			if (open > 0) continue;
			await ctx.db.update(recordings).set({ readyAt: ctx.now(), trouble: null }).where(eq(recordings.id, id));
			await publish(ctx.db, { kind: 'recording', roomId });
			finished++;
		}
		return finished;
	});
}

/** Takes the files of recordings that were put away or kept long enough, then the recordings themselves. */
export async function sweepRecordings(services: Services): Promise<number> {
	const gone = await within(services, (ctx) =>
		ctx.db
			.select({ id: recordings.id })
			.from(recordings)
			.where(and(isNotNull(recordings.readyAt), or(isNotNull(recordings.removedAt), lt(recordings.expiresAt, ctx.now()))))
			.limit(50)
	);
	for (const { id } of gone) {
		// The files first: a row without files is tried again, files without a row would lie there for ever.
		await rm(resolve(services.env.SPACE_DATA, folderOf(id)), { recursive: true, force: true });
		await within(services, (ctx) => ctx.db.delete(recordings).where(eq(recordings.id, id)));
	}
	return gone.length;
}

/** What a film is made of. */
export interface FilmWork {
	readonly id: Id<'recording'>;
	readonly roomId: RoomId;
	/** In milliseconds. */
	readonly duration: number;
	readonly tracks: readonly { id: string; personId: string; kind: TrackKind; from: number; to: number }[];
}

/** The film that was asked for first and is not made; null when there is nothing to do. */
export function nextFilm(services: Services): Promise<FilmWork | null> {
	return within(services, async (ctx) => {
		const [row] = await ctx.db
			.select({ recording: recordings })
			.from(recordingFilms)
			.innerJoin(recordings, eq(recordings.id, recordingFilms.recordingId))
			.where(and(inArray(recordingFilms.state, ['waiting', 'working']), isNull(recordings.removedAt)))
			.orderBy(asc(recordingFilms.requestedAt))
			.limit(1);
		if (!row) return null;
		const { id, roomId, startedAt, stoppedAt } = row.recording;
		const tracks = await ctx.db
			.select()
			.from(recordingTracks)
			.where(eq(recordingTracks.recordingId, id))
			.orderBy(asc(recordingTracks.startedAt));
		return {
			id,
			roomId,
			duration: (stoppedAt?.getTime() ?? startedAt.getTime()) - startedAt.getTime(),
			tracks: tracks
				.filter(({ duration, bytes }) => duration > 0 && bytes > 0)
				.map(({ id, personId, kind, startedAt: at, duration }) => {
					const from = at.getTime() - startedAt.getTime();
					return { id, personId, kind, from, to: from + duration };
				})
		};
	});
}

/** How far a film is; those who look at it hear of it. */
export async function noteFilm(
	services: Services,
	{ id, roomId }: Pick<FilmWork, 'id' | 'roomId'>,
	film: Partial<Film>
): Promise<void> {
	await within(services, async (ctx) => {
		await ctx.db.update(recordingFilms).set(film).where(eq(recordingFilms.recordingId, id));
		await publish(ctx.db, { kind: 'recording', roomId });
	});
}
