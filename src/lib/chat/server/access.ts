import { setTimeout as wait } from 'node:timers/promises';
import { and, eq, sql } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import { writersOf } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { ChatGateway, Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { findSeats, mayStay } from './seats.ts';
import type { Seat } from './seats.ts';
import { chatMembers, chatRooms } from './table.ts';

const firstPause = 250;
const longestPause = 30_000;
/** Rights also end by date, of which no change tells; in milliseconds. */
const sweepEvery = 10 * 60_000;
const seatsAtOnce = 500;
/** How long an open page takes to hear that it is out, at most; in milliseconds. */
const hearing = 2_000;

/**
 * Takes people out of the chats that they may no longer be in, and ends chat devices together with the sign-ins of
 * the space. What fails is tried again until it is done. Returns how to stop.
 */
export function followChatAccess(services: Services): () => void {
	const { chat } = services;
	return chat ? follow(services, chat) : () => undefined;
}

function follow(services: Services, chat: ChatGateway): () => void {
	const { changes, log } = services;
	const ended = new AbortController();
	const due = new Map<string, () => Promise<void>>();
	let working = false;

	/** One task at a time; the same task twice is one. */
	async function work(): Promise<void> {
		if (working) return;
		working = true;
		let pause = firstPause;
		for (let next = due.entries().next(); !next.done && !ended.signal.aborted; next = due.entries().next()) {
			const [name, task] = next.value;
			due.delete(name);
			try {
				await task();
				pause = firstPause;
			} catch (error) {
				log.warn({ err: error, task: name }, 'access to the chat could not be taken away yet');
				if (!due.has(name)) due.set(name, task);
				await wait(pause, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
				pause = Math.min(pause * 2, longestPause);
			}
		}
		working = false;
	}
	function plan(name: string, task: () => Promise<void>): void {
		due.set(name, task);
		void work();
	}

	/** Out at once; forgotten a moment later, so that open pages still hear that they are out. */
	async function lookAt(seats: readonly Seat[]): Promise<void> {
		const lost = seats.filter((seat) => !mayStay(seat));
		for (const seat of lost) {
			await chat.remove(seat.matrixRoomId, seat.personId);
			setTimeout(() => plan(`away ${seat.roomId} ${seat.personId}`, () => finish(services, chat, seat)), hearing).unref();
		}
	}
	const sweep = () => plan('everyone', () => everySeat(services, lookAt));
	const stops = [
		changes.on('access', ({ personId }) => plan(`access ${personId}`, async () => lookAt(await seatsOf(services, personId)))),
		changes.on('signedOut', ({ personId, signInId }) =>
			plan(`signedOut ${personId} ${signInId}`, () => chat.signOut(personId, signInId))
		),
		changes.on('voices', ({ roomId }) => plan(`voices ${roomId}`, () => allowVoices(services, chat, roomId))),
		changes.on('missed', sweep)
	];
	const timer = setInterval(sweep, sweepEvery).unref();
	sweep();

	return () => {
		ended.abort();
		clearInterval(timer);
		for (const stop of stops) stop();
	};
}

/** Brings who may write in the chat of a room in line with the room. One that nobody has opened yet has nothing to say. */
async function allowVoices(services: Services, chat: ChatGateway, roomId: string): Promise<void> {
	const [kept, writers] = await query(systemContext(services), async (ctx) => {
		const [kept] = await ctx.db
			.select()
			.from(chatRooms)
			.where(eq(chatRooms.roomId, roomId as RoomId));
		return [kept, await writersOf(ctx, roomId as RoomId)] as const;
	});
	if (kept && writers) await chat.allow(kept.matrixRoomId, writers);
}

async function seatsOf(services: Services, personId: string): Promise<Seat[]> {
	return query(systemContext(services), (ctx) => findSeats(ctx, sql`m.person_id = ${personId}`, 10_000));
}

/** Hands over every seat of every chat, some at a time. */
async function everySeat(services: Services, take: (seats: readonly Seat[]) => Promise<void>): Promise<void> {
	let after = sql`true`;
	for (;;) {
		const condition = after;
		const seats = await query(systemContext(services), (ctx) => findSeats(ctx, condition, seatsAtOnce));
		await take(seats);
		const last = seats.at(-1);
		if (!last || seats.length < seatsAtOnce) return;
		after = sql`(m.room_id, m.person_id) > (${last.roomId}::uuid, ${last.personId}::uuid)`;
	}
}

/** Ends a lost seat, unless the right came back meanwhile. */
async function finish(services: Services, chat: ChatGateway, lost: Seat): Promise<void> {
	const condition = sql`m.room_id = ${lost.roomId} and m.person_id = ${lost.personId}`;
	const [seat] = await query(systemContext(services), (ctx) => findSeats(ctx, condition, 1));
	if (seat && !mayStay(seat)) await takeOut(services, chat, seat);
}

/** Takes a person out of a Matrix room for good; only then the seat is gone, unless it was taken again meanwhile. */
export async function takeOut(services: Services, chat: ChatGateway, seat: Seat): Promise<void> {
	await chat.remove(seat.matrixRoomId, seat.personId);
	await chat.forget(seat.matrixRoomId, seat.personId);
	await transaction(systemContext(services), (ctx) =>
		ctx.db
			.delete(chatMembers)
			.where(
				and(
					eq(chatMembers.roomId, seat.roomId),
					eq(chatMembers.personId, seat.personId),
					eq(chatMembers.joinedAt, new Date(seat.since))
				)
			)
	);
}
