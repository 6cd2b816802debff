import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import type { Rule } from '#lib/server/rule.ts';
import type { Membership } from '#lib/spaces/model.ts';
import { chatPolicy } from './policy.ts';

/** One person in the chat of one room, with what decides whether they may stay. */
export type Seat = {
	readonly roomId: RoomId;
	readonly personId: PersonId;
	readonly matrixRoomId: string;
	/** Milliseconds since 1970; a seat taken again has a later one. */
	readonly since: number;
	readonly kind: string;
	readonly path: string;
	/** The chat of a group to which the person does not belong. */
	readonly strange: boolean;
	readonly memberships: readonly Membership[];
};

/**
 * The seats of the chat that fulfil a condition on `m` (chat_members), in their order. Memberships are those of all of a
 * person's capacities, since a Matrix account is the person's; someone who left, or is kept out of the session, has none; a closed room lets in nobody.
 */
export async function findSeats(ctx: Context, condition: SQL, limit: number): Promise<Seat[]> {
	const today = ctx.now().toISOString().slice(0, 10);
	const { rows } = await ctx.db.execute<Seat>(sql`
		select m.room_id as "roomId", m.person_id as "personId", c.matrix_room_id as "matrixRoomId",
			(extract(epoch from m.created_at) * 1000)::float8 as since, r.kind, r.space_path::text as path,
			(r.parent_id is not null and not exists
				(select 1 from group_members g where g.group_id = r.id and g.person_id = m.person_id)) as strange,
			coalesce(
				(select jsonb_agg(jsonb_build_object('spaceId', s.space_id, 'path', s.space_path::text, 'role', s.role))
				from memberships s where s.person_id = m.person_id and p.left_at is null and r.closed_at is null and not k.kept_out
					and s.since <= ${today}::date and (s.until is null or s.until > ${today}::date)),
				'[]'
			) as memberships
		from chat_members m
			join chat_rooms c on c.room_id = m.room_id
			join rooms r on r.id = m.room_id
			join people p on p.id = m.person_id
			cross join lateral (select exists (select 1 from participants o
				where o.room_id in (m.room_id, r.parent_id) and o.person_id = m.person_id and o.admission <> 'in') as kept_out) k
		where ${condition}
		order by m.room_id, m.person_id
		limit ${limit}`);
	return rows;
}

/** Whether the policy lets the person of a seat be in that chat, now. */
export const mayStay = (seat: Seat): boolean =>
	permits((seat.strange ? roomsPolicy['room.lead'] : chatPolicy['chat.join']) as Rule, seat.memberships, seat);
