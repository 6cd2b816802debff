import { and, desc, eq, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { PersonId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { statements } from '#lib/records/server/table.ts';
import { sessions, visits } from '#lib/rooms/server/table.ts';
import { requireSystem } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { permits } from '#lib/server/rule.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { personOf } from '../model.ts';
import { chatPolicy } from './policy.ts';
import { chatRooms } from './table.ts';

/** A message as Synapse hands it over; one that was taken back has lost its text. Whatever does not fit is none of ours. */
const Message = z
	.object({
		type: z.literal('m.room.message'),
		event_id: z.string().min(1).max(255),
		room_id: z.string(),
		sender: z.string(),
		origin_server_ts: z.number().int().positive(),
		content: z.object({
			body: z.string().optional(),
			'm.relates_to': z
				.object({
					rel_type: z.string().optional(),
					is_falling_back: z.boolean().optional(),
					'm.in_reply_to': z.object({ event_id: z.string() }).optional()
				})
				.optional()
		}),
		unsigned: z.object({ redacted_because: z.unknown() }).partial().optional()
	})
	.refine(({ content, unsigned }) => content.body !== undefined || unsigned?.redacted_because !== undefined);
type Message = z.infer<typeof Message>;

const keyOf = (eventId: string): string => `chat:${eventId}`;

/**
 * Keeps the messages among these events as records, all or none; told again, nothing changes. The homeserver may have
 * left out what came before: killed at a bad moment, it never tells of a message that it took. So each chat is first
 * read up to here. The texts themselves stay with the homeserver.
 */
export async function receiveEvents(ctx: Context, events: readonly unknown[]): Promise<void> {
	requireSystem(ctx);
	const messages = messagesAmong(events);
	if (messages.length === 0) return;
	for (const chat of await chatsOf(ctx, messages)) await readChat(ctx, chat);
	await transaction(ctx, (ctx) => keep(ctx, messages));
}

/** Keeps whatever was said in a chat since it was last read. */
export async function readChat(ctx: Context, chat: ChatRow): Promise<void> {
	requireSystem(ctx);
	const { events, readTo } = await unread(ctx, chat);
	if (events.length === 0) return;
	await transaction(ctx, async (ctx) => {
		await keep(ctx, messagesAmong(events));
		await ctx.db
			.update(chatRooms)
			.set({ readTo: sql`greatest(${chatRooms.readTo}, ${readTo.toISOString()}::timestamptz)` })
			.where(eq(chatRooms.roomId, chat.roomId));
	});
}

export type ChatRow = typeof chatRooms.$inferSelect;

/** Messages of one moment need not lie in the order of their times; in milliseconds. */
const overlap = 60_000;

/** What was said since a chat was last read, oldest first, and the moment of the latest. */
async function unread(ctx: Context, chat: ChatRow): Promise<{ events: unknown[]; readTo: Date }> {
	const until = chat.readTo.getTime() - overlap;
	const found: { origin_server_ts: number }[] = [];
	let before: string | undefined;
	do {
		const page = await ctx.services.chat?.messages(chat.matrixRoomId, before);
		found.push(...(page?.events ?? []));
		before = page?.before ?? undefined;
	} while (before && found.every((event) => event.origin_server_ts >= until));
	return { events: found.toReversed(), readTo: new Date(found[0]?.origin_server_ts ?? chat.readTo) };
}

const messagesAmong = (events: readonly unknown[]): Message[] =>
	events.flatMap((event) => Message.safeParse(event).data ?? []).filter(isNew);

/** An edit changes a message that was counted when it was posted. */
const isNew = ({ content }: Message): boolean => content['m.relates_to']?.rel_type !== 'm.replace';

async function chatsOf(ctx: Context, messages: readonly Message[]): Promise<ChatRow[]> {
	const ids = [...new Set(messages.map(({ room_id: id }) => id))];
	return query(ctx, (ctx) => ctx.db.select().from(chatRooms).where(inArray(chatRooms.matrixRoomId, ids)));
}

/** Makes records of the messages that have none yet. */
async function keep(ctx: Context, messages: readonly Message[]): Promise<void> {
	const keys = messages.map((message) => keyOf(message.event_id));
	const kept = await ctx.db.select({ key: statements.key }).from(statements).where(inArray(statements.key, keys));
	const known = new Set(kept.map(({ key }) => key));
	// One after the other: a reply may follow its message at once.
	for (const message of messages) if (!known.has(keyOf(message.event_id))) await recordMessage(ctx, message);
}

async function recordMessage(ctx: Context, message: Message): Promise<void> {
	const actorId = personOf(message.sender);
	const [room] = await ctx.db
		.select({ id: rooms.id, kind: rooms.kind, spacePath: rooms.spacePath })
		.from(chatRooms)
		.innerJoin(rooms, eq(rooms.id, chatRooms.roomId))
		.where(eq(chatRooms.matrixRoomId, message.room_id));
	if (!actorId || !room) return;
	const at = new Date(message.origin_server_ts);
	const presence = await presenceAt(ctx, room, actorId, at);
	if (!presence) {
		ctx.log.warn({ event: message.event_id, roomId: room.id }, 'a message comes from somebody who never was a member');
		return;
	}
	const answered = await answeredBy(ctx, room.id, message);
	await record(ctx, [
		{
			key: keyOf(message.event_id),
			verb: answered ? 'replied' : 'posted',
			actorId,
			...presence,
			spacePath: room.spacePath,
			roomId: room.id,
			targetId: answered?.actorId ?? null,
			answers: answered?.id ?? null,
			startedAt: at,
			amount: [...(message.content.body ?? '')].length
		}
	]);
}

/** The statement of the message that this one answers; only one of the same room can be. */
async function answeredBy(ctx: Context, roomId: typeof rooms.$inferSelect.id, message: Message) {
	const relation = message.content['m.relates_to'];
	const eventId = relation?.is_falling_back ? undefined : relation?.['m.in_reply_to']?.event_id;
	if (!eventId) return undefined;
	const [answered] = await ctx.db
		.select({ id: statements.id, actorId: statements.actorId })
		.from(statements)
		.where(and(eq(statements.key, keyOf(eventId)), eq(statements.roomId, roomId)));
	return answered;
}

/** In which role, and in which session, a person was in a room at a moment. */
async function presenceAt(
	ctx: Context,
	room: Pick<typeof rooms.$inferSelect, 'id' | 'kind' | 'spacePath'>,
	personId: PersonId,
	at: Date
): Promise<{ role: Role; sessionId: typeof sessions.$inferSelect.id | null } | null> {
	const [visit] = await ctx.db
		.select({ role: visits.role, sessionId: visits.sessionId })
		.from(visits)
		.where(
			and(
				eq(visits.roomId, room.id),
				eq(visits.personId, personId),
				lte(visits.joinedAt, at),
				or(isNull(visits.leftAt), gte(visits.leftAt, at))
			)
		)
		.orderBy(desc(visits.joinedAt))
		.limit(1);
	if (visit) return visit;
	const role = await roleOutside(ctx, room, personId);
	if (!role) return null;
	const [session] = await ctx.db
		.select({ id: sessions.id })
		.from(sessions)
		.where(
			and(eq(sessions.roomId, room.id), lte(sessions.startedAt, at), or(isNull(sessions.endedAt), gte(sessions.endedAt, at)))
		)
		.limit(1);
	return { role, sessionId: session?.id ?? null };
}

/** The role that lets a person into a room, of the present memberships or else of the latest ones. */
async function roleOutside(
	ctx: Context,
	room: Pick<typeof rooms.$inferSelect, 'kind' | 'spacePath'>,
	personId: PersonId
): Promise<Role | undefined> {
	const rows = await ctx.db
		.select({ spaceId: memberships.spaceId, path: memberships.spacePath, role: memberships.role })
		.from(memberships)
		.where(eq(memberships.personId, personId))
		.orderBy(sql`${memberships.until} desc nulls first`, sql`${memberships.role} = 'headTeacher' desc`);
	return rows.find((membership) => permits(chatPolicy['chat.join'], [membership], { kind: room.kind, path: room.spacePath }))
		?.role;
}
