import { randomInt } from 'node:crypto';
import { and, inArray, sql } from 'drizzle-orm';
import { createDocument } from '#lib/documents/server/index.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { statements } from '#lib/records/server/table.ts';
import { belongingTo, findRoom, insideOf, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { groupMembers, groupSets, rooms } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { deal, mixed, shuffled } from '../divide.ts';
import { MakeGroups } from '../model.ts';
import type { Way } from '../model.ts';

/** What each group finds on its table. */
const furniture = [
	{ kind: 'text', word: '讨论记录' },
	{ kind: 'map', word: '思路' },
	{ kind: 'board', word: '白板' }
] as const;

const chance = () => randomInt(2 ** 32) / 2 ** 32;

/**
 * How much people took part so far in the rooms of this space: seconds of speech and characters written, each as a
 * share of what the most active one did, so that neither drowns the other.
 */
async function activityOf(ctx: Context, room: RoomRow, people: readonly PersonId[]): Promise<(person: PersonId) => number> {
	const sums = await ctx.db
		.select({ personId: statements.actorId, verb: statements.verb, amount: sql<number>`sum(${statements.amount})::float8` })
		.from(statements)
		.where(
			and(
				sql`${statements.spacePath} = ${room.spacePath}::ltree`,
				inArray(statements.verb, ['spoke', 'edited']),
				inArray(statements.actorId, [...people])
			)
		)
		.groupBy(statements.actorId, statements.verb);
	const most = (verb: string) => Math.max(1, ...sums.filter((sum) => sum.verb === verb).map(({ amount }) => amount));
	const [speech, text] = [most('spoke'), most('edited')];
	const of = (person: PersonId, verb: string) => sums.find((sum) => sum.personId === person && sum.verb === verb)?.amount ?? 0;
	return (person) => of(person, 'spoke') / speech + of(person, 'edited') / text;
}

async function divide(ctx: Context, room: RoomRow, people: readonly PersonId[], way: Way, count: number): Promise<PersonId[][]> {
	if (way === 'random') return deal(shuffled(people, chance), count);
	if (way === 'mixed') return mixed(people, await activityOf(ctx, room, people), count, chance);
	return Array.from({ length: count }, () => []);
}

/** Divide a room into groups, each a room of its own with a text, a map, a board, a call and a chat that stay. */
export async function makeGroups(ctx: Context, input: MakeGroups): Promise<{ id: string }> {
	const { roomId, title, way, count, insideOnly } = MakeGroups.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'group.lead', placeOf(room));
		if (room.parentId) throw new Invalid('groups.notInGroups');
		const inside = new Set((await insideOf(ctx, [roomId])).map(({ personId }) => personId));
		const people = (await belongingTo(ctx, room, ctx.now())).filter(({ personId }) => !insideOnly || inside.has(personId));
		if (people.length === 0 && way !== 'hand' && way !== 'choice') throw new Conflict('groups.nobody');
		const createdBy = requireActor(ctx).personId;
		const [set] = await ctx.db
			.insert(groupSets)
			.values({ roomId, spacePath: room.spacePath, title, choice: way === 'choice', createdBy })
			.returning({ id: groupSets.id });
		if (!set) throw new Error('a set of groups was not inserted');
		const parts = await divide(
			ctx,
			room,
			people.map(({ personId }) => personId),
			way,
			count
		);
		for (const [index, part] of parts.entries()) {
			const groupId = await makeGroup(ctx, room, set.id, index);
			if (part.length > 0) {
				await ctx.db
					.insert(groupMembers)
					.values(part.map((personId) => ({ setId: set.id, groupId, personId, spacePath: room.spacePath })));
			}
		}
		await auditAct(ctx, {
			verb: 'group.make',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { set: set.id, way, groups: count, people: parts.flat().length }
		});
		await publish(ctx.db, { kind: 'session', roomId });
		return set;
	});
}

async function makeGroup(ctx: Context, room: RoomRow, setId: typeof groupSets.$inferSelect.id, index: number): Promise<RoomId> {
	const title = `第${index + 1}组`;
	const [group] = await ctx.db
		.insert(rooms)
		.values({
			spaceId: room.spaceId,
			spacePath: room.spacePath,
			// Who enters and who leads is as in the room that it is a part of; in a group everybody speaks.
			kind: room.kind,
			rules: { stage: 'open' },
			title,
			position: index,
			parentId: room.id,
			setId,
			createdBy: ctx.actor?.personId ?? null
		})
		.returning({ id: rooms.id });
	if (!group) throw new Error('a group was not inserted');
	for (const { kind, word } of furniture) await createDocument(ctx, { roomId: group.id, kind, title: `${title} ${word}` });
	return group.id;
}
