import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Unavailable } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { personOf } from '../model.ts';
import { chatRooms } from './table.ts';

export interface Said {
	personId: PersonId | null;
	at: number;
	text: string;
}

/** More messages than anybody reads in a replay. */
const most = 3_000;

const Event = z.object({
	event_id: z.string(),
	sender: z.string(),
	origin_server_ts: z.number(),
	content: z.object({
		body: z.string(),
		'm.new_content': z.object({ body: z.string() }).optional(),
		'm.relates_to': z.object({ rel_type: z.string().optional(), event_id: z.string().optional() }).optional()
	})
});

/** What was said in the chat of a room between two moments, oldest first, as it reads now: what was taken back is not there. */
export async function chatBetween(ctx: Context, { roomId, from, to }: { roomId: RoomId; from: Date; to: Date }): Promise<Said[]> {
	const { chat } = ctx.services;
	if (!chat) throw new Unavailable();
	const matrixRoomId = await query(ctx, async (ctx) => {
		authorize(ctx, 'chat.join', placeOf(await findRoom(ctx, roomId)));
		const [room] = await ctx.db.select({ id: chatRooms.matrixRoomId }).from(chatRooms).where(eq(chatRooms.roomId, roomId));
		return room?.id;
	});
	if (!matrixRoomId) return [];
	const said = new Map<string, Said>();
	const changed = new Map<string, string>();
	let before: string | undefined;
	do {
		const page = await chat.messages(matrixRoomId, before);
		for (const event of page.events) take(Event.safeParse(event).data, { from, to, said, changed });
		const oldest = page.events.at(-1)?.origin_server_ts ?? 0;
		before = oldest >= from.getTime() && said.size < most ? (page.before ?? undefined) : undefined;
	} while (before);
	return [...said].map(([id, one]) => ({ ...one, text: changed.get(id) ?? one.text })).sort((one, other) => one.at - other.at);
}

/** Newest first: the first change of a message that is met is the one that holds. */
function take(
	event: z.infer<typeof Event> | undefined,
	{ from, to, said, changed }: { from: Date; to: Date; said: Map<string, Said>; changed: Map<string, string> }
): void {
	if (!event) return;
	const { content, origin_server_ts: at } = event;
	const relation = content['m.relates_to'];
	if (relation?.rel_type === 'm.replace') {
		const of = relation.event_id ?? '';
		if (!changed.has(of)) changed.set(of, content['m.new_content']?.body ?? content.body);
	} else if (at >= from.getTime() && at <= to.getTime()) {
		said.set(event.event_id, { personId: personOf(event.sender) ?? null, at, text: content.body });
	}
}
