import { eq, sql } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { requireActor, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound, Unavailable } from '#lib/server/errors.ts';
import type { ChatGateway } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { JoinChat } from '../model.ts';
import type { ChatSession } from '../model.ts';
import { takeOut } from './access.ts';
import { findSeats, mayStay } from './seats.ts';
import { chatMembers, chatRooms } from './table.ts';

/**
 * Join the chat of a room: a chat device for this sign-in, let into the room's Matrix room. No connection to the
 * database is held while the homeserver is asked, so that a slow one slows nothing else.
 */
export async function joinChat(ctx: Context, input: JoinChat): Promise<ChatSession> {
	const { roomId } = JoinChat.parse(input);
	const room = await query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'chat.join', placeOf(room));
		return room;
	});
	const { personId, signInId } = requireActor(ctx);
	const { chat } = ctx.services;
	if (!chat) throw new Unavailable('chat.unavailable');

	const matrixRoomId = await matrixRoomOf(ctx, chat, room);
	await takeSeat(ctx, room);
	await chat.admit(matrixRoomId, personId);
	await leaveAgainUnlessAllowed(ctx, chat, room);
	const device = await chat.signIn(personId, signInId);
	return { ...device, matrixRoomId, homeserver: '/' };
}

/** The Matrix room of a room, made when missing. The homeserver makes one, however many ask at once; the first kept counts. */
async function matrixRoomOf(ctx: Context, chat: ChatGateway, room: RoomRow): Promise<string> {
	const find = (ctx: Context) => ctx.db.select().from(chatRooms).where(eq(chatRooms.roomId, room.id));
	const [kept] = await query(ctx, find);
	if (kept) return kept.matrixRoomId;
	const matrixRoomId = await chat.createRoom(room);
	return transaction(ctx, async (ctx) => {
		await ctx.db.insert(chatRooms).values({ roomId: room.id, spacePath: room.spacePath, matrixRoomId }).onConflictDoNothing();
		const [first] = await find(ctx);
		return first?.matrixRoomId ?? matrixRoomId;
	});
}

/** Before a person is let in, so that a change of rights, whenever it comes, finds the seat. */
async function takeSeat(ctx: Context, room: RoomRow): Promise<void> {
	const { personId } = requireActor(ctx);
	const joinedAt = ctx.now();
	await transaction(ctx, (ctx) =>
		ctx.db
			.insert(chatMembers)
			.values({ roomId: room.id, spacePath: room.spacePath, personId, joinedAt })
			.onConflictDoUpdate({ target: [chatMembers.roomId, chatMembers.personId], set: { joinedAt } })
	);
}

/** Rights that ended between the question and the entry: whoever watches them may have looked too early. */
async function leaveAgainUnlessAllowed(ctx: Context, chat: ChatGateway, room: RoomRow): Promise<void> {
	const { personId } = requireActor(ctx);
	const condition = sql`m.room_id = ${room.id} and m.person_id = ${personId}`;
	const [seat] = await query(systemContext(ctx.services), (ctx) => findSeats(ctx, condition, 1));
	if (seat && mayStay(seat)) return;
	if (seat) await takeOut(ctx.services, chat, seat);
	else await chat.remove(await matrixRoomOf(ctx, chat, room), personId);
	throw new NotFound();
}
