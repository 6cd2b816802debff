import { and, asc, count, eq, inArray, or, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { z } from 'zod';
import { statements } from '#lib/records/server/table.ts';
import type { RecordVerb } from '#lib/records/vocabulary.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import type { RoomEvent } from '../event.ts';
import { ListEvents, pageSize } from '../model.ts';
import type { EventPage, EventRow } from '../model.ts';
import { behind } from '../behind.ts';
import type { Figure } from '../behind.ts';
import type { Layer } from '../replies.ts';
import type { Window } from '../window.ts';
import { changedTextOf, documentsOf, eventColumns, eventOf, inWindow, namesOf, readEvents } from './read.ts';

type Asked = z.output<typeof ListEvents>;

/** The events behind a number, in the order in which they began, page by page. */
export async function listEvents(ctx: Context, input: ListEvents): Promise<EventPage> {
	const asked = ListEvents.parse(input);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'room.analyse', placeOf(await findRoom(ctx, asked.roomId)));
		const { where, sum } = await matching(ctx, asked);
		const [all] = await ctx.db.select({ total: count() }).from(statements).where(where);
		const { events, next } = await eventsAfter(ctx, where, asked.after ?? null, pageSize);
		return { events: await presentEvents(ctx, events), total: all?.total ?? 0, sum, next };
	});
}

/** What the filter asks for, in SQL, and what it comes to when a figure is asked for. */
export async function matching(ctx: Context, asked: Asked): Promise<{ where: SQL | undefined; sum: number | null }> {
	const window = { from: Date.parse(asked.from), to: Date.parse(asked.to) };
	if (asked.figure) return behindFigure(ctx, { ...asked, figure: asked.figure }, window);
	const where = and(
		inWindow(asked.roomId, window),
		asked.person && eq(statements.actorId, asked.person),
		asked.verbs ? inArray(statements.verb, asked.verbs.split(',') as RecordVerb[]) : undefined,
		asked.documentId && eq(statements.documentId, asked.documentId),
		asked.target && or(and(eq(statements.verb, 'edited'), changedTextOf(asked.target)), eq(statements.targetId, asked.target))
	);
	return { where, sum: null };
}

async function behindFigure(ctx: Context, asked: Asked & { figure: Figure }, window: Window) {
	const extent = {
		from: asked.extentFrom ? Math.min(Date.parse(asked.extentFrom), window.from) : window.from,
		to: asked.extentTo ? Math.max(Date.parse(asked.extentTo), window.to) : window.to
	};
	const { ids, sum } = behind(await readEvents(ctx, inWindow(asked.roomId, extent)), extent, window, {
		figure: asked.figure,
		person: asked.person,
		documentId: asked.documentId,
		target: asked.target,
		learners: asked.learners === 'true',
		most: asked.most ? Number(asked.most) : undefined,
		least: asked.least ? Number(asked.least) : undefined,
		ties: asked.ties?.split(',') as Layer[] | undefined
	});
	// One parameter, however many they are.
	return { where: sql`${statements.id} = any(${`{${[...ids].join(',')}}`}::uuid[])`, sum };
}

/** A stretch of the events after a place, and the place where it ends; null when nothing follows. */
export async function eventsAfter(
	ctx: Context,
	where: SQL | undefined,
	after: string | null,
	limit: number
): Promise<{ events: RoomEvent[]; next: string | null }> {
	const rows = await ctx.db
		.select(eventColumns)
		.from(statements)
		.where(and(where, after ? beyond(after) : undefined))
		.orderBy(asc(statements.startedAt), asc(statements.id))
		.limit(limit + 1);
	const last = rows.length > limit ? rows[limit - 1] : undefined;
	return { events: rows.slice(0, limit).map(eventOf), next: last ? `${last.startedAt.toISOString()}_${last.id}` : null };
}

const Place = z.tuple([z.iso.datetime(), z.uuid()]);

function beyond(place: string): SQL {
	const { data } = Place.safeParse(place.split('_'));
	if (!data) throw new Invalid();
	const [at, id] = data;
	return sql`(${statements.startedAt}, ${statements.id}) > (${at}::timestamptz, ${id}::uuid)`;
}

/** Events with the names of people and documents. */
export async function presentEvents(ctx: Context, events: readonly RoomEvent[]): Promise<EventRow[]> {
	const names = await namesOf(
		ctx,
		events.flatMap(({ actorId, targetId }) => (targetId ? [actorId, targetId] : [actorId]))
	);
	const titles = await documentsOf(
		ctx,
		events.flatMap(({ documentId }) => documentId ?? [])
	);
	const personOf = (id: string) => ({ id, name: names.get(id) ?? null });
	return events.map((event) => {
		const deleted = Object.values(event.deleted).reduce((sum, characters) => sum + characters, 0);
		const deletedOwn = event.deleted[event.actorId] ?? 0;
		return {
			id: event.id,
			startedAt: new Date(event.start).toISOString(),
			endedAt: new Date(event.end).toISOString(),
			person: personOf(event.actorId),
			role: event.role,
			verb: event.verb,
			target: event.targetId ? personOf(event.targetId) : null,
			document: event.documentId ? { id: event.documentId, title: titles.get(event.documentId)?.title ?? null } : null,
			amount: event.amount,
			inserted: event.inserted,
			deletedOwn,
			deletedOthers: deleted - deletedOwn
		};
	});
}
