import { sql } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceKind } from '#lib/spaces/model.ts';
import { JoinChat } from '../model.ts';
import type { ChatPeople } from '../model.ts';

/** More than any room has; a page cannot show more names. */
const most = 5_000;

/** Who writes in the chat of a room, or wrote before leaving: the names are the roster's, never Matrix's. */
export async function seeChatPeople(ctx: Context, input: JoinChat): Promise<ChatPeople> {
	const { roomId } = JoinChat.parse(input);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'chat.join', placeOf(room));
		const { rows: people } = await ctx.db.execute<ChatPeople['people'][number]>(sql`
			select p.id as "personId", p.name, s.role
			from (
				select person_id from chat_members where room_id = ${roomId}
				union
				select actor_id from statements where room_id = ${roomId} and verb in ('posted', 'replied')
			) w
				join people p on p.id = w.person_id
				join lateral (
					select role from memberships
					where person_id = p.id and space_id = ${room.spaceId}
					order by until desc nulls first, role = 'headTeacher' desc limit 1
				) s on true
			limit ${most}`);
		const { rows } = await ctx.db.execute<{ kind: SpaceKind }>(sql`select kind from spaces where id = ${room.spaceId}`);
		return { spaceKind: rows[0]?.kind ?? 'class', people };
	});
}
