import { and, asc, desc, eq, inArray, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { belongingTo, findRoom, insideOf, placeOf } from '#lib/rooms/server/index.ts';
import { groupMembers, groupSets, participants, rooms, utterances } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { Group, GroupsView } from '../model.ts';

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
		const belonging = await belongingTo(ctx, room, ctx.now());

		const view = ({ id, title }: (typeof groups)[number]): Group => {
			const here = inside.filter((one) => one.roomId === id);
			const own = members.filter(({ groupId }) => groupId === id);
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
				hands: raised.filter(
					(one) =>
						one.roomId === id && (one.handAt || one.need === 'help') && here.some(({ personId }) => personId === one.personId)
				).length
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
