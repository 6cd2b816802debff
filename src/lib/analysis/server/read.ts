import { and, asc, eq, gt, gte, inArray, lte, or, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { statements } from '#lib/records/server/table.ts';
import { vocabulary } from '#lib/records/vocabulary.ts';
import type { Context } from '#lib/server/context.ts';
import type { RoomEvent } from '../event.ts';
import type { Window } from '../window.ts';

/** No act goes on for longer than this, in milliseconds: what began earlier cannot be heard in a window. */
const longestAct = 12 * 3_600_000;

const figures = sql<unknown>`${statements.statement} -> 'result' -> 'extensions' -> ${`${vocabulary}/figures`}::text`;

/** The columns of `statements` that the analyses read; the statement itself stays in the database. */
export const eventColumns = {
	id: statements.id,
	verb: statements.verb,
	actorId: statements.actorId,
	role: statements.role,
	targetId: statements.targetId,
	documentId: statements.documentId,
	startedAt: statements.startedAt,
	endedAt: statements.endedAt,
	amount: statements.amount,
	figures
};

type EventColumns = Pick<
	typeof statements.$inferSelect,
	'id' | 'verb' | 'actorId' | 'role' | 'targetId' | 'documentId' | 'startedAt' | 'endedAt' | 'amount'
> & { figures: unknown };

/** What a burst of typing did, as the collaboration server counted it. */
const EditFigures = z.object({ inserted: z.number(), deleted: z.record(z.string(), z.number()).default({}) });

/** A row of `statements` as an event. An edit without figures is taken for typing of its whole amount. */
export function eventOf(row: EventColumns): RoomEvent {
	const edit = row.verb === 'edited' ? EditFigures.safeParse(row.figures) : null;
	return {
		id: row.id,
		verb: row.verb,
		actorId: row.actorId,
		role: row.role,
		targetId: row.targetId,
		documentId: row.documentId,
		start: row.startedAt.getTime(),
		end: Math.max(row.startedAt.getTime(), row.endedAt.getTime()),
		amount: row.amount,
		inserted: edit ? (edit.data?.inserted ?? row.amount) : 0,
		deleted: edit?.data?.deleted ?? {}
	};
}

/** The statements of a room that belong to a window, by the rule of `belongs`. */
export function inWindow(roomId: RoomId, { from, to }: Window): SQL | undefined {
	return and(
		eq(statements.roomId, roomId),
		gte(statements.startedAt, new Date(from - longestAct)),
		lte(statements.startedAt, new Date(to)),
		or(gte(statements.startedAt, new Date(from)), and(eq(statements.verb, 'spoke'), gt(statements.endedAt, new Date(from))))
	);
}

/** A statement that changed text of this person. */
export const changedTextOf = (personId: PersonId): SQL => sql`(${figures} -> 'deleted' ->> ${personId}::text)::int > 0`;

export async function readEvents(ctx: Context, where: SQL | undefined): Promise<RoomEvent[]> {
	const rows = await ctx.db
		.select(eventColumns)
		.from(statements)
		.where(where)
		.orderBy(asc(statements.startedAt), asc(statements.id));
	return rows.map(eventOf);
}

/** The names of people, as far as the asker may see them. */
export async function namesOf(ctx: Context, ids: Iterable<string>): Promise<Map<string, string>> {
	const wanted = [...new Set(ids)] as PersonId[];
	if (wanted.length === 0) return new Map();
	const rows = await ctx.db.select({ id: people.id, name: people.name }).from(people).where(inArray(people.id, wanted));
	return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Titles and kinds of documents. */
export async function documentsOf(
	ctx: Context,
	ids: Iterable<string>
): Promise<Map<string, Pick<typeof documents.$inferSelect, 'title' | 'kind'>>> {
	const wanted = [...new Set(ids)] as DocumentId[];
	if (wanted.length === 0) return new Map();
	const rows = await ctx.db
		.select({ id: documents.id, title: documents.title, kind: documents.kind })
		.from(documents)
		.where(inArray(documents.id, wanted));
	return new Map(rows.map(({ id, ...document }) => [id, document]));
}
