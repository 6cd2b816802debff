import { and, asc, between, eq, inArray } from 'drizzle-orm';
import { readCaptions } from '#lib/captions/server/index.ts';
import { chatBetween } from '#lib/chat/server/index.ts';
import { listDocuments } from '#lib/documents/server/index.ts';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { statements } from '#lib/records/server/table.ts';
import { sessions, visits } from '#lib/rooms/server/table.ts';
import { roundAnswers, rounds } from '#lib/rounds/server/table.ts';
import { tally } from '#lib/rounds/tally.ts';
import { stepsOf } from '#lib/runsheets/server/index.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { turnsOf } from '#lib/slides/server/index.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import { OneRecording } from '../model.ts';
import type { Film, RecordedEvent, RecordedTrack, RecordingMark, RecordingView } from '../model.ts';
import { findRecording } from './find.ts';
import type { Found, RecordingRow } from './find.ts';
import { presentRecording } from './present.ts';
import { recordingConsents, recordingFilms, recordingMarks, recordingTracks } from './table.ts';

const mostEvents = 20_000;

/** A recording with all that happened in it: what one needs to see the session again, as far as one may. */
export async function seeRecording(ctx: Context, input: OneRecording): Promise<RecordingView> {
	const { recordingId } = OneRecording.parse(input);
	const { found, seen } = await query(ctx, async (ctx) => {
		const found = await findRecording(ctx, recordingId);
		return { found, seen: await within(ctx, found) };
	});
	const { room, recording } = found;
	const [from, to] = [recording.startedAt, recording.stoppedAt ?? ctx.now()];
	const missing: RecordingView['missing'] = [];
	// The chat lies with the homeserver: when it is away, all the rest plays.
	const said = await chatBetween(ctx, { roomId: room.id, from, to }).catch((error: unknown) => {
		ctx.log.warn({ err: error }, 'a replay has no chat');
		missing.push('chat');
		return [];
	});
	const documents = await listDocuments(ctx, { roomId: room.id }).catch((error: unknown) => {
		ctx.log.warn({ err: error }, 'a replay has no documents');
		missing.push('documents');
		return [];
	});
	const events: RecordedEvent[] = [
		...seen.events,
		...(await taughtIn(ctx, found)),
		...said.map(({ at, ...message }) => ({ kind: 'message' as const, at: at - from.getTime(), ...message }))
	];
	const named = new Set([
		recording.startedBy,
		...seen.tracks.map(({ personId }) => personId),
		...events.flatMap((event) => ('personId' in event && event.personId ? [event.personId] : [])),
		...seen.events.flatMap((event) => (event.kind === 'round' && event.winner ? [event.winner] : []))
	]);
	return {
		...seen.card,
		room: { id: room.id, title: room.title, space: seen.space },
		tracks: seen.tracks,
		people: await peopleOf(ctx, found, [...named] as PersonId[]),
		events: events.sort((one, other) => one.at - other.at),
		documents: documents.flatMap(({ id, kind, title }) =>
			kind === 'text' || kind === 'map' || kind === 'board' ? [{ id, kind, title }] : []
		),
		marks: seen.marks,
		film: seen.film,
		missing
	};
}

/** What was taught by: steps of the plan, pages of slides, and what was understood of what those said who agreed. */
async function taughtIn(ctx: Context, { recording, room }: Found): Promise<RecordedEvent[]> {
	const about = { roomId: room.id, sessionId: recording.sessionId };
	const [session, agreed] = await query(ctx, async (ctx) => [
		await ctx.db.select().from(sessions).where(eq(sessions.id, recording.sessionId)),
		await agreedIn(ctx, recording)
	]);
	// Seconds of the session begin before the recording does.
	const before = recording.startedAt.getTime() - (session[0]?.startedAt.getTime() ?? recording.startedAt.getTime());
	const length = (recording.stoppedAt ?? ctx.now()).getTime() - recording.startedAt.getTime();
	const at = (seconds: number) => Math.round(seconds * 1_000) - before;
	const [steps, turns, notes] = [await stepsOf(ctx, about), await turnsOf(ctx, about), await readCaptions(ctx, about)];
	const events: RecordedEvent[] = [
		...steps.map(({ name, minutes, from, to }) => ({
			kind: 'step' as const,
			at: at(from),
			until: to === null ? null : at(to),
			name,
			minutes
		})),
		...turns.map(({ seconds, title, page, url }) => ({ kind: 'slide' as const, at: at(seconds), title, page, url })),
		...notes.captions.flatMap(({ personId, from, to, text }) =>
			agreed.has(personId as PersonId) ? [{ kind: 'caption' as const, at: at(from), until: at(to), personId, text }] : []
		)
	];
	// What was on before it began is on at its beginning.
	const begun = (kind: 'step' | 'slide') => events.findLast((event) => event.kind === kind && event.at < 0);
	return [...[begun('step'), begun('slide')].flatMap((event) => (event ? [{ ...event, at: 0 }] : [])), ...events].filter(
		(event) => event.at >= 0 && event.at <= length
	);
}

/** Who agreed to be recorded. */
async function agreedIn(ctx: Context, { id }: RecordingRow): Promise<ReadonlySet<PersonId>> {
	const said = await ctx.db
		.select({ personId: recordingConsents.personId })
		.from(recordingConsents)
		.where(and(eq(recordingConsents.recordingId, id), eq(recordingConsents.given, true)));
	return new Set(said.map(({ personId }) => personId));
}

async function within(ctx: Context, { recording, room, leads }: Found) {
	const [space] = await ctx.db.select({ id: spaces.id, name: spaces.name }).from(spaces).where(eq(spaces.id, room.spaceId));
	const [by] = await ctx.db.select({ name: people.name }).from(people).where(eq(people.id, recording.startedBy));
	const tracks = await tracksOf(ctx, recording);
	return {
		space: space ?? { id: room.spaceId, name: '' },
		tracks,
		card: presentRecording(recording, {
			leads,
			by: by?.name ?? '',
			people: new Set(tracks.map(({ personId }) => personId)).size,
			bytes: tracks.reduce((sum, { bytes }) => sum + bytes, 0),
			now: ctx.now()
		}),
		events: [...(await actsOf(ctx, recording)), ...(await roundsOf(ctx, recording))],
		marks: await marksOf(ctx, recording, leads),
		film: await filmOf(ctx, recording)
	};
}

async function tracksOf(ctx: Context, { id, startedAt }: RecordingRow): Promise<RecordedTrack[]> {
	const rows = await ctx.db
		.select()
		.from(recordingTracks)
		.where(eq(recordingTracks.recordingId, id))
		.orderBy(asc(recordingTracks.startedAt));
	return rows
		.filter(({ bytes, duration }) => bytes > 0 && duration > 0)
		.map(({ startedAt: at, duration, id, personId, kind, bytes }) => {
			const from = at.getTime() - startedAt.getTime();
			return { id, personId, kind, bytes, from, to: from + duration };
		});
}

/** Who spoke, raised a hand, came and went. */
async function actsOf(ctx: Context, recording: RecordingRow): Promise<RecordedEvent[]> {
	const { sessionId, startedAt, stoppedAt } = recording;
	const acts = await ctx.db
		.select({
			verb: statements.verb,
			personId: statements.actorId,
			startedAt: statements.startedAt,
			endedAt: statements.endedAt
		})
		.from(statements)
		.where(
			and(
				eq(statements.sessionId, sessionId),
				inArray(statements.verb, ['spoke', 'raisedHand', 'joined', 'left']),
				between(statements.startedAt, startedAt, stoppedAt ?? ctx.now())
			)
		)
		.orderBy(asc(statements.startedAt))
		.limit(mostEvents);
	// Whoever did not agree is not shown as speaking either.
	const agreed = await agreedIn(ctx, recording);
	const since = (moment: Date) => moment.getTime() - startedAt.getTime();
	const shown = acts.filter(({ verb, personId }) => verb !== 'spoke' || agreed.has(personId));
	return shown.map(({ verb, personId, ...act }): RecordedEvent => {
		const at = since(act.startedAt);
		if (verb === 'spoke') return { kind: 'spoke', at, until: since(act.endedAt), personId };
		return { kind: verb === 'raisedHand' ? 'hand' : verb === 'joined' ? 'joined' : 'left', at, personId };
	});
}

async function roundsOf(ctx: Context, { sessionId, startedAt, stoppedAt }: RecordingRow): Promise<RecordedEvent[]> {
	const done = await ctx.db
		.select()
		.from(rounds)
		.where(and(eq(rounds.sessionId, sessionId), between(rounds.startedAt, startedAt, stoppedAt ?? ctx.now())))
		.orderBy(asc(rounds.startedAt));
	if (done.length === 0) return [];
	const answers = await ctx.db
		.select({ roundId: roundAnswers.roundId, choice: roundAnswers.choice })
		.from(roundAnswers)
		.where(
			inArray(
				roundAnswers.roundId,
				done.map(({ id }) => id)
			)
		);
	return done.map(({ id, kind, question, options, correct, winnerId, closedAt, startedAt: at }) => ({
		kind: 'round',
		at: (at?.getTime() ?? 0) - startedAt.getTime(),
		until: closedAt && closedAt.getTime() - startedAt.getTime(),
		round: kind,
		question,
		options,
		counts: tally(
			options.length,
			answers.filter(({ roundId }) => roundId === id).map(({ choice }) => choice)
		),
		correct,
		winner: winnerId
	}));
}

async function marksOf(ctx: Context, { id }: RecordingRow, leads: boolean): Promise<RecordingMark[]> {
	const { personId: me } = requireActor(ctx);
	const rows = await ctx.db
		.select({ mark: recordingMarks, name: people.name })
		.from(recordingMarks)
		.innerJoin(people, eq(people.id, recordingMarks.personId))
		.where(eq(recordingMarks.recordingId, id))
		.orderBy(asc(recordingMarks.at), asc(recordingMarks.id));
	return rows.map(({ mark: { id, at, until, text, personId, createdAt }, name }) => ({
		id,
		at,
		until,
		text,
		by: { personId, name },
		createdAt: createdAt.toISOString(),
		can: { remove: leads || personId === me }
	}));
}

async function filmOf(ctx: Context, { id }: RecordingRow): Promise<Film | null> {
	const [film] = await ctx.db.select().from(recordingFilms).where(eq(recordingFilms.recordingId, id));
	return film ? { state: film.state, done: film.done, of: film.of, bytes: film.bytes, reason: film.reason } : null;
}

/** Names are the roster's; the role is the one of that session. */
function peopleOf(ctx: Context, { recording }: Found, ids: readonly PersonId[]): Promise<RecordingView['people']> {
	return query(ctx, async (ctx) => {
		if (ids.length === 0) return [];
		const names = await ctx.db
			.select({ personId: people.id, name: people.name })
			.from(people)
			.where(inArray(people.id, [...ids]));
		const roles = await ctx.db
			.select({ personId: visits.personId, role: visits.role })
			.from(visits)
			.where(and(eq(visits.sessionId, recording.sessionId), inArray(visits.personId, [...ids])));
		return names.map((one) => ({ ...one, role: roles.find(({ personId }) => personId === one.personId)?.role ?? null }));
	});
}
