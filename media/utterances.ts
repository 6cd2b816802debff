import { and, desc, eq, gte, inArray, isNull, lte, or } from 'drizzle-orm';
import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { utterances, visits } from '#lib/rooms/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { hearing } from './hearing.ts';

/** Something that one person says without a pause. */
export interface Utterance {
	readonly id: Id<'utterance'>;
	readonly roomId: RoomId;
	readonly personId: PersonId;
	readonly startedAt: Date;
}

type Visit = typeof visits.$inferSelect;

/** A call may be joined a moment before the room is entered, and left a moment after, in milliseconds. */
const doorway = 5_000;

/** Notes that someone began to speak. Not kept for whoever is not in the room: a listener, or nobody of the roster. */
export async function beginUtterance(services: Services, utterance: Utterance): Promise<void> {
	const { id, roomId, personId, startedAt } = utterance;
	await transaction(systemContext(services), async (ctx) => {
		const visit = await visitAt(ctx, utterance);
		if (!visit) return;
		const [left] = await ctx.db
			.select()
			.from(utterances)
			.where(and(eq(utterances.sessionId, visit.sessionId), eq(utterances.personId, personId)))
			.for('update');
		if (left?.id === id) return;
		if (left) await close(ctx, left, left.lastHeardAt);
		const { sessionId, spacePath } = visit;
		await ctx.db.insert(utterances).values({ id, sessionId, roomId, spacePath, personId, startedAt, lastHeardAt: ctx.now() });
	});
}

/** Notes that utterances go on. */
export async function hearUtterances(services: Services, ids: readonly Id<'utterance'>[], at: Date): Promise<void> {
	if (ids.length === 0) return;
	await transaction(systemContext(services), (ctx) =>
		ctx.db
			.update(utterances)
			.set({ lastHeardAt: at })
			.where(inArray(utterances.id, [...ids]))
	);
}

/** Makes a statement of an utterance; once, however often it is told. */
export async function endUtterance(services: Services, utterance: Utterance, endedAt: Date): Promise<void> {
	await transaction(systemContext(services), (ctx) => close(ctx, utterance, endedAt));
}

/** Ends what a crash left open, when it was last heard. Returns how many there were. */
export async function endLeftUtterances(services: Services): Promise<number> {
	return transaction(systemContext(services), async (ctx) => {
		const left = await ctx.db.select().from(utterances).for('update');
		for (const utterance of left) await close(ctx, utterance, utterance.lastHeardAt);
		return left.length;
	});
}

async function close(ctx: Context, utterance: Utterance, endedAt: Date): Promise<void> {
	const { id, roomId, personId: actorId, startedAt } = utterance;
	// First of all, so that whoever ends the same one at the same time waits here: both would write the same statement, and
	// one hold what the other waits for.
	await ctx.db.delete(utterances).where(eq(utterances.id, id));
	const amount = endedAt.getTime() - startedAt.getTime();
	const visit = await visitAt(ctx, utterance);
	if (visit && amount >= hearing.shortest) {
		const { role, spacePath, sessionId } = visit;
		await record(ctx, [
			{ key: `spoke:${id}`, verb: 'spoke', actorId, role, spacePath, roomId, sessionId, startedAt, endedAt, amount }
		]);
	}
}

/** The visit during which someone spoke. */
async function visitAt(ctx: Context, { roomId, personId, startedAt }: Utterance): Promise<Visit | undefined> {
	const at = startedAt.getTime();
	const [visit] = await ctx.db
		.select()
		.from(visits)
		.where(
			and(
				eq(visits.roomId, roomId),
				eq(visits.personId, personId),
				lte(visits.joinedAt, new Date(at + doorway)),
				or(isNull(visits.leftAt), gte(visits.leftAt, new Date(at - doorway)))
			)
		)
		.orderBy(desc(visits.joinedAt))
		.limit(1);
	return visit;
}
