import { setTimeout as wait } from 'node:timers/promises';
import { and, eq, sql } from 'drizzle-orm';
import { systemContext } from '#lib/server/context.ts';
import type { ChatGateway, Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { findSeats, mayStay } from './seats.ts';
import type { Seat } from './seats.ts';
import { chatMembers } from './table.ts';

const firstPause = 250;
const longestPause = 30_000;
/** Rights also end by date, of which no change tells; in milliseconds. */
const sweepEvery = 10 * 60_000;
const seatsAtOnce = 500;

/**
 * Takes people out of the chats that they may no longer be in, and ends chat devices together with the sign-ins of
 * the space. What fails is tried again until it is done. Returns how to stop.
 */
export function followChatAccess(services: Services): () => void {
	const { changes, chat, log } = services;
	if (!chat) return () => undefined;
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

	const sweep = () => plan('everyone', () => lookAtEveryone(services, chat));
	const stops = [
		changes.on('access', ({ personId }) => plan(`access ${personId}`, () => lookAtPerson(services, chat, personId))),
		changes.on('signedOut', ({ personId, signInId }) =>
			plan(`signedOut ${personId} ${signInId}`, () => chat.signOut(personId, signInId))
		),
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

async function lookAtPerson(services: Services, chat: ChatGateway, personId: string): Promise<void> {
	const ctx = systemContext(services);
	const seats = await query(ctx, (ctx) => findSeats(ctx, sql`m.person_id = ${personId}`, 10_000));
	for (const seat of seats.filter((seat) => !mayStay(seat))) await takeOut(services, chat, seat);
}

async function lookAtEveryone(services: Services, chat: ChatGateway): Promise<void> {
	const ctx = systemContext(services);
	let after = sql`true`;
	for (;;) {
		const condition = after;
		const seats = await query(ctx, (ctx) => findSeats(ctx, condition, seatsAtOnce));
		for (const seat of seats.filter((seat) => !mayStay(seat))) await takeOut(services, chat, seat);
		const last = seats.at(-1);
		if (!last || seats.length < seatsAtOnce) return;
		after = sql`(m.room_id, m.person_id) > (${last.roomId}::uuid, ${last.personId}::uuid)`;
	}
}

/** Takes a person out of a Matrix room; only then the seat is gone, unless it was taken again meanwhile. */
export async function takeOut(services: Services, chat: ChatGateway, seat: Seat): Promise<void> {
	await chat.remove(seat.matrixRoomId, seat.personId);
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
