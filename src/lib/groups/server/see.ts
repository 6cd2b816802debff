import { and, asc, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { documents, documentUpdates } from '#lib/documents/server/table.ts';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { belongingTo, findRoom, insideOf, placeOf } from '#lib/rooms/server/index.ts';
import { groupMembers, groupSets, participants, rooms, utterances } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { Group, GroupDocument, GroupsView } from '../model.ts';

/** What lies on the tables of groups, and when somebody last wrote in each: one look at an index for a document. */
async function tablesNow(ctx: Context, groups: readonly { id: RoomId }[]): Promise<Record<string, GroupDocument[]>> {
	if (groups.length === 0) return {};
	const rows = await ctx.db
		.select({
			roomId: documents.roomId,
			id: documents.id,
			kind: documents.kind,
			title: documents.title,
			changedAt:
				sql<Date | null>`(select ${documentUpdates.at} from ${documentUpdates} where ${documentUpdates.documentId} = ${documents.id} order by ${documentUpdates.seq} desc limit 1)`.mapWith(
					documentUpdates.at
				)
		})
		.from(documents)
		.where(
			and(
				inArray(
					documents.roomId,
					groups.map(({ id }) => id)
				),
				isNull(documents.archivedAt)
			)
		)
		.orderBy(asc(documents.position), asc(documents.id));
	const tables: Record<string, GroupDocument[]> = {};
	for (const { roomId, changedAt, ...document } of rows)
		(tables[roomId] ??= []).push({ ...document, changedAt: changedAt?.toISOString() ?? null });
	return tables;
}

/** The sets of groups of a room, who is in which, who is there now and who speaks. */
export async function seeGroups(ctx: Context, input: { roomId: string }): Promise<GroupsView> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'group.see', placeOf(room));
		const leading = may(ctx, 'group.lead', placeOf(room));
		const { personId: me } = requireActor(ctx);
		const sets = await ctx.db
			.select()
			.from(groupSets)
			.where(and(eq(groupSets.roomId, roomId), isNull(groupSets.archivedAt)))
			.orderBy(desc(groupSets.createdAt));
		const now = ctx.now().toISOString();
		if (sets.length === 0) return { now, sets: [] };
		const setIds = sets.map(({ id }) => id);
		const groups = await ctx.db
			.select()
			.from(rooms)
			.where(and(inArray(rooms.setId, setIds), isNull(rooms.closedAt)))
			.orderBy(asc(rooms.position));
		const members = await ctx.db
			.select({ setId: groupMembers.setId, groupId: groupMembers.groupId, personId: people.id, name: people.name })
			.from(groupMembers)
			.innerJoin(people, eq(people.id, groupMembers.personId))
			.where(inArray(groupMembers.setId, setIds))
			.orderBy(asc(people.number));
		const ids = groups.map(({ id }) => id);
		const inside = await insideOf(ctx, ids);
		const speaking = ids.length > 0 ? await ctx.db.select().from(utterances).where(inArray(utterances.roomId, ids)) : [];
		const raised = ids.length > 0 ? await ctx.db.select().from(participants).where(inArray(participants.roomId, ids)) : [];
		const open = groups.filter(({ setId }) => sets.some(({ id, openedAt }) => id === setId && openedAt));
		const tables = leading ? await tablesNow(ctx, open) : {};
		const belonging = await belongingTo(ctx, room, ctx.now());

		const view = ({ id, title }: (typeof groups)[number]): Group => {
			const here = inside.filter((one) => one.roomId === id);
			const own = members.filter(({ groupId }) => groupId === id);
			const asking = raised
				.filter((one) => one.roomId === id && (one.handAt || one.need === 'help'))
				.flatMap(({ personId }) => here.find((one) => one.personId === personId)?.name ?? []);
			return {
				roomId: id,
				name: title,
				members: own.map(({ personId, name }) => ({
					personId,
					name,
					role: belonging.find((one) => one.personId === personId)?.role ?? 'student',
					inside: here.some((one) => one.personId === personId),
					speaks: speaking.some((one) => one.roomId === id && one.personId === personId)
				})),
				guests: here.filter((one) => !own.some(({ personId }) => personId === one.personId)).map(({ name }) => name),
				hands: asking.length,
				asking: leading ? asking : [],
				documents: tables[id] ?? []
			};
		};
		return {
			now,
			sets: sets
				.filter(({ id, choice }) => leading || choice || members.some((one) => one.setId === id && one.personId === me))
				.map(({ id, title, choice, openedAt, endsAt }) => ({
					id,
					title,
					choice,
					openedAt: openedAt?.toISOString() ?? null,
					endsAt: endsAt?.toISOString() ?? null,
					groups: groups.filter(({ setId }) => setId === id).map(view),
					free: leading
						? belonging
								.filter(({ personId }) => !members.some((one) => one.setId === id && one.personId === personId))
								.map(({ personId, name }) => ({ personId, name }))
						: []
				}))
		};
	});
}
