import { setTimeout as wait } from 'node:timers/promises';
import { asc, gt } from 'drizzle-orm';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { ChatGateway, Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { readChat } from './receive.ts';
import type { ChatRow } from './receive.ts';
import { chatRooms } from './table.ts';

const pause = 1_000;
const chatsAtOnce = 500;

/**
 * Reads every chat on from where it was last read, at the start and each time that the homeserver was away: a message
 * that it took just before it died is kept there, and nobody would tell of it. Returns how to stop.
 */
export function followMessages(services: Services): () => void {
	const { chat } = services;
	const ended = new AbortController();
	if (chat) void follow(services, chat, ended.signal);
	return () => ended.abort();
}

async function follow(services: Services, chat: ChatGateway, ended: AbortSignal): Promise<void> {
	const ctx = systemContext(services);
	while (!ended.aborted) {
		try {
			// The line first: whatever happens to the homeserver while the chats are read is noticed too.
			const line = await chat.hold(ended);
			await readEveryChat(ctx, ended);
			await line.lost;
		} catch (error) {
			if (!ended.aborted) services.log.warn({ err: error }, 'the chats could not be read on yet');
		}
		await wait(pause, undefined, { signal: ended, ref: false }).catch(() => undefined);
	}
}

async function readEveryChat(ctx: Context, ended: AbortSignal): Promise<void> {
	let chats: ChatRow[];
	let after: ChatRow['roomId'] | undefined;
	do {
		chats = await someChats(ctx, after);
		for (const chat of chats) if (!ended.aborted) await readChat(ctx, chat);
		after = chats.at(-1)?.roomId;
	} while (chats.length === chatsAtOnce && !ended.aborted);
}

const someChats = (ctx: Context, after: ChatRow['roomId'] | undefined): Promise<ChatRow[]> =>
	query(ctx, ({ db }) =>
		db
			.select()
			.from(chatRooms)
			.where(after && gt(chatRooms.roomId, after))
			.orderBy(asc(chatRooms.roomId))
			.limit(chatsAtOnce)
	);
