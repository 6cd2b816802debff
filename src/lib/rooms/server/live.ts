import { idOf } from '#lib/ids.ts';
import { whoHolds } from '#lib/people/server/index.ts';
import { may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requestContext, requireActor } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { LiveEvent } from '../model.ts';
import { enterRoom } from './enter.ts';
import { findRoom, placeOf } from './find.ts';
import { insideOf } from './inside.ts';
import { endForgottenVisits, endVisits, touchVisit } from './leave.ts';

/** How often a live channel says that its visit goes on, in milliseconds; well under `goneAfter`. */
const beat = 5_000;
/** How long a person may be without any channel, as while a page reloads, and still be inside. */
const reloadTime = 6_000;

/** Why a channel ended: the person chose to leave, and is not reloading the page. */
export const left = Symbol('left');

/** Open channels per person and room, in this process. */
const channels = new Map<string, number>();

/**
 * The live channel of one screen in a room: who is inside, what changed on the table, and that one must go.
 * The person is inside while it is open. `send` is called until `signal` aborts or the channel ends.
 */
export async function openChannel(
	ctx: Context,
	input: { roomId: string; signal: AbortSignal; send: (event: LiveEvent) => void }
): Promise<void> {
	const { services } = ctx;
	const roomId = idOf('room').parse(input.roomId);
	const { personId, signInId } = requireActor(ctx);
	let { visitId } = await enterRoom(ctx, { roomId });
	const ended = new AbortController();
	const finish = () => ended.abort();
	if (input.signal.aborted) finish();
	input.signal.addEventListener('abort', finish, { once: true });

	const place = `${roomId}:${personId}`;
	channels.set(place, (channels.get(place) ?? 0) + 1);

	const tell = guarded(services, async () => {
		const inside = await query(ctx, (ctx) => insideOf(ctx, [roomId]));
		input.send({ kind: 'inside', inside: inside.map(({ roomId: _, ...person }) => person) });
		input.send({ kind: 'changed' });
	});

	const check = guarded(services, async () => {
		const actor = await whoHolds(services, signInId);
		const now = requestContext(services, { actor, address: ctx.address, requestId: ctx.requestId });
		const allowed =
			actor !== null &&
			(await query(now, async (now) => may(now, 'room.enter', placeOf(await findRoom(now, roomId)))).catch(() => false));
		if (allowed || ended.signal.aborted) return;
		input.send({ kind: 'removed' });
		await endVisits(services, { roomId, personId });
		await services.media
			?.remove(roomId, personId)
			.catch((error: unknown) => services.log.warn({ err: error }, 'a person could not be taken out of a call'));
		finish();
	});

	const stopListening = [
		services.changes.on('room', (change) => change.roomId === roomId && tell()),
		services.changes.on('comments', ({ documentId, threadId, ...change }) => {
			if (change.roomId === roomId) input.send({ kind: 'comments', documentId, threadId });
		}),
		services.changes.on('project', ({ taskId, ...change }) => {
			if (change.roomId === roomId) input.send({ kind: 'project', taskId });
		}),
		services.changes.on('access', (change) => change.personId === personId && check()),
		services.changes.on('signedOut', (change) => change.personId === personId && check()),
		services.changes.on('missed', () => {
			check();
			tell();
		})
	];
	const beating = setInterval(
		guarded(services, async () => {
			// Ended meanwhile, by a leave on another screen or a long pause of the database: this screen is still here.
			if (!(await touchVisit(services, visitId)) && !ended.signal.aborted) ({ visitId } = await enterRoom(ctx, { roomId }));
		}),
		beat
	);
	tell();

	await new Promise<void>((resolve) => {
		if (ended.signal.aborted) resolve();
		else ended.signal.addEventListener('abort', () => resolve(), { once: true });
	});
	clearInterval(beating);
	for (const stop of stopListening) stop();
	closeChannel(services, { place, roomId, personId, after: input.signal.reason === left ? 0 : reloadTime });
}

/** The last channel of a person is gone: unless a new one opens soon, the person has left. */
function closeChannel(
	services: Services,
	{ place, roomId, personId, after }: { place: string; roomId: string; personId: string; after: number }
): void {
	const open = (channels.get(place) ?? 1) - 1;
	if (open > 0) {
		channels.set(place, open);
		return;
	}
	channels.delete(place);
	setTimeout(
		guarded(services, async () => {
			if (!channels.has(place)) await endVisits(services, { roomId, personId });
		}),
		after
	).unref();
}

/** Runs something that must not end the process when it fails; the next change or beat tries again. */
const guarded = (services: Services, run: () => Promise<void>) => () => {
	run().catch((error: unknown) => services.log.warn({ err: error }, 'a live channel could not be told'));
};

/** Ends, every few seconds, the visits that a crash left open. Returns how to stop. */
export function watchVisits(services: Services): () => void {
	const timer = setInterval(
		guarded(services, () => endForgottenVisits(services)),
		beat
	);
	return () => clearInterval(timer);
}
