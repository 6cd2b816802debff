import type { RoomId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { AnalyseRoom } from '../model.ts';
import type { Report, RoomAnalysis, SessionCard } from '../model.ts';
import type { Layer } from '../replies.ts';
import { figuresOf } from '../report.ts';
import type { Window } from '../window.ts';
import { documentsOf, inWindow, namesOf, readEvents } from './read.ts';
import { findSession, latestSession } from './sessions.ts';

/**
 * The picture of how people interacted in a room, over a session or any window of time, from the room's
 * statements. The timeline shows the whole session; every figure is of the window.
 */
export async function analyseRoom(ctx: Context, input: AnalyseRoom): Promise<RoomAnalysis> {
	const asked = AnalyseRoom.parse(input);
	const ties = (asked.ties?.split(',') ?? ['chat']) as Layer[];
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, asked.roomId);
		authorize(ctx, 'room.analyse', placeOf(room));
		const session = asked.sessionId
			? await findSession(ctx, room.id, asked.sessionId)
			: await latestSession(ctx, room.id, asked.to ? new Date(asked.to) : ctx.now());
		const stretch = session && stretchOf(session, ctx.now());
		const window = windowOf(asked, stretch);
		const shown = { id: room.id, title: room.title, kind: room.kind };
		if (!window) return { room: shown, session: null, report: null };
		const meets = stretch !== null && (asked.sessionId !== undefined || (stretch.from <= window.to && stretch.to >= window.from));
		const extent = meets ? { from: Math.min(stretch.from, window.from), to: Math.max(stretch.to, window.to) } : window;
		return { room: shown, session: meets ? session : null, report: await reportOf(ctx, room.id, extent, window, ties) };
	});
}

const stretchOf = ({ startedAt, endedAt }: SessionCard, now: Date): Window => ({
	from: Date.parse(startedAt),
	to: endedAt ? Date.parse(endedAt) : now.getTime()
});

/** The window asked for, reaching to the session's ends where none is given; null when there is neither. */
function windowOf({ from, to }: { from?: string; to?: string }, session: Window | null): Window | null {
	const begin = from ? Date.parse(from) : session?.from;
	const end = to ? Date.parse(to) : session?.to;
	if (begin === undefined || end === undefined) return null;
	if (end < begin) throw new Invalid('analysis.windowBackwards');
	return { from: begin, to: end };
}

async function reportOf(ctx: Context, roomId: RoomId, extent: Window, window: Window, ties: readonly Layer[]): Promise<Report> {
	const events = await readEvents(ctx, inWindow(roomId, extent));
	const figures = figuresOf(events, extent, window, ties);
	const names = await namesOf(
		ctx,
		figures.people.map(({ id }) => id)
	);
	const titles = await documentsOf(
		ctx,
		figures.documents.map(({ documentId }) => documentId)
	);
	return {
		...figures,
		extent: isoOf(extent),
		window: isoOf(window),
		people: figures.people.map((person) => ({ ...person, name: names.get(person.id) ?? null })),
		documents: figures.documents.map(({ documentId, people }) => ({
			id: documentId,
			title: titles.get(documentId)?.title ?? null,
			kind: titles.get(documentId)?.kind ?? 'text',
			people
		}))
	};
}

const isoOf = ({ from, to }: Window) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
