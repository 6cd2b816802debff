import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { whoHolds } from '#lib/people/server/index.ts';
import { may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requestContext, requireActor } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { isAppError } from '#lib/server/errors.ts';
import type { GroupsNow, LiveEvent, RoomState } from '../model.ts';
import { enterRoom } from './enter.ts';
import { findRoom, placeOf } from './find.ts';
import { endForgottenVisits, endVisits, touchVisit, touchWaiting } from './leave.ts';
import { sessionNow } from './session.ts';
import { stateFor } from './state.ts';
import { watchRoom } from './watch.ts';

/** How often a live channel says that its visit goes on, in milliseconds; well under `goneAfter`. */
const beat = 5_000;
/** How long a person may be without any channel, as while a page reloads, and still be inside. */
const reloadTime = 6_000;

/** Why a channel ended: the person chose to leave, and is not reloading the page. */
export const left = Symbol('left');

/** Open channels per person and room, in this process. */
const channels = new Map<string, number>();

/** How a channel ended by itself: one must go, or the session was ended for all. */
export type ChannelEnd = 'removed' | 'ended';

/**
 * The live channel of one screen in a room: what the session is like, what changed on the table, that one waits
 * before the door, and that one must go. The person is inside, or waits, while it is open. `send` is called until
 * `signal` aborts or the channel ends; then it tells how it ended, null when it was closed.
 */
export async function openChannel(
	ctx: Context,
	input: { roomId: string; signal: AbortSignal; send: (event: LiveEvent) => void }
): Promise<ChannelEnd | null> {
	const { services } = ctx;
	const roomId = idOf('room').parse(input.roomId);
	const { personId, signInId } = requireActor(ctx);
	let entry = await enterRoom(ctx, { roomId });
	let leading = false;
	const ended = new AbortController();
	let end: ChannelEnd | null = null;
	const finish = (how: ChannelEnd | null) => {
		if (!ended.signal.aborted) end = how;
		ended.abort();
	};
	if (input.signal.aborted) finish(null);
	input.signal.addEventListener('abort', () => finish(null), { once: true });

	await openAbove(ctx, roomId, {
		signal: ended.signal,
		told: (groups) => input.send({ kind: 'above', groups }),
		handed: () => input.send({ kind: 'handout' }),
		over: (event) => {
			input.send(event);
			finish(event.kind);
		}
	});
	const place = `${roomId}:${personId}`;
	channels.set(place, (channels.get(place) ?? 0) + 1);

	const wait = (message: string, sentBack: boolean) => input.send({ kind: 'waiting', message, sentBack });
	const removed = (message: string | null) => {
		input.send({ kind: 'removed', message });
		finish('removed');
	};
	const enterAgain = async () => {
		try {
			entry = await enterRoom(ctx, { roomId });
			if (entry.admission !== 'in') wait(entry.message, entry.admission === 'lobby');
			else if (!ended.signal.aborted) input.send({ kind: 'changed' });
		} catch (error) {
			if (!isAppError(error) || error.status >= 500) throw error;
			removed(null);
		}
	};

	/** What the state of the room says about the one whose channel this is. */
	const hear = (state: RoomState) => {
		if (ended.signal.aborted) return;
		const outside = state.outside.find((one) => one.personId === personId);
		if (outside?.admission === 'removed') return removed(outside.message);
		if (outside) {
			entry = { ...entry, admission: 'waiting', sessionId: null, visitId: null };
			return wait(outside.message, outside.admission === 'lobby');
		}
		if (entry.admission !== 'in') return guarded(services, enterAgain)();
		leading = state.people.some((one) => one.personId === personId && one.leads);
		input.send({ kind: 'state', state: stateFor(state, personId) });
	};

	const check = guarded(services, async () => {
		const actor = await whoHolds(services, signInId);
		const now = requestContext(services, { actor, address: ctx.address, requestId: ctx.requestId });
		const allowed =
			actor !== null &&
			(await query(now, async (now) => may(now, 'room.enter', placeOf(await findRoom(now, roomId, { outside: true })))).catch(
				() => false
			));
		if (allowed || ended.signal.aborted) return;
		input.send({ kind: 'removed', message: null });
		await endVisits(services, { roomId, personId });
		await services.media
			?.remove(roomId, personId)
			.catch((error: unknown) => services.log.warn({ err: error }, 'a person could not be taken out of a call'));
		finish('removed');
	});
	/** What happens in the room is told to those who are in it. */
	const tell = (event: LiveEvent) => entry.admission === 'in' && input.send(event);
	const tellTable = () => tell({ kind: 'changed' });
	const tellRound = () => tell({ kind: 'round' });
	const tellRecording = () => tell({ kind: 'recording' });
	const tellHandout = () => tell({ kind: 'handout' });

	const watch = watchRoom(services, roomId, hear);
	const stopListening = [
		watch.stop,
		services.changes.on('room', (change) => change.roomId === roomId && tellTable()),
		services.changes.on('ended', (change) => {
			if (change.roomId !== roomId || ended.signal.aborted) return;
			input.send({ kind: 'ended' });
			finish('ended');
		}),
		services.changes.on('round', (change) => change.roomId === roomId && tellRound()),
		services.changes.on('answered', (change) => change.roomId === roomId && leading && tellRound()),
		services.changes.on('recording', (change) => change.roomId === roomId && tellRecording()),
		services.changes.on('handout', (change) => change.roomId === roomId && tellHandout()),
		services.changes.on('copyOpened', (change) => change.roomId === roomId && leading && tellHandout()),
		services.changes.on('slides', ({ roomId: where, show }) => where === roomId && tell({ kind: 'slides', show })),
		services.changes.on('captions', (change) => change.roomId === roomId && tell({ kind: 'captions' })),
		services.changes.on('sheet', (change) => change.roomId === roomId && tell({ kind: 'sheet' })),
		services.changes.on('comments', ({ documentId, threadId, ...change }) => {
			if (change.roomId === roomId) tell({ kind: 'comments', documentId, threadId });
		}),
		services.changes.on('project', ({ taskId, ...change }) => {
			if (change.roomId === roomId) tell({ kind: 'project', taskId });
		}),
		services.changes.on('access', (change) => change.personId === personId && check()),
		services.changes.on('signedOut', (change) => change.personId === personId && check()),
		services.changes.on('missed', () => {
			check();
			tellTable();
			tellRound();
			tellRecording();
			tellHandout();
			tell({ kind: 'slides', show: null });
			tell({ kind: 'captions' });
			tell({ kind: 'sheet' });
		})
	];
	const beating = setInterval(
		guarded(services, async () => {
			const stays = entry.admission === 'in' ? touchVisit(services, entry.visitId) : touchWaiting(services, { roomId, personId });
			// Ended meanwhile, by a leave on another screen or a long pause of the database: this screen is still here.
			if (!(await stays) && !ended.signal.aborted) await enterAgain();
		}),
		beat
	);
	if (entry.admission !== 'in') wait(entry.message, entry.admission === 'lobby');

	await new Promise<void>((resolve) => {
		if (ended.signal.aborted) resolve();
		else ended.signal.addEventListener('abort', () => resolve(), { once: true });
	});
	clearInterval(beating);
	for (const stop of stopListening) stop();
	const atOnce = end === 'ended' || input.signal.reason === left;
	closeChannel(services, { place, roomId, personId, after: atOnce ? 0 : reloadTime });
	return end;
}

/**
 * Whoever is in a group is in the room that it is a part of too, while a session goes on there: it counts as being
 * there, and whoever is sent out of it, or sees it end, is out of the group.
 */
async function openAbove(
	ctx: Context,
	groupId: RoomId,
	{
		signal,
		told,
		handed,
		over
	}: {
		signal: AbortSignal;
		told: (groups: GroupsNow | null) => void;
		handed: () => void;
		over: (event: Extract<LiveEvent, { kind: ChannelEnd }>) => void;
	}
): Promise<void> {
	const { parentId } = await query(ctx, (ctx) => findRoom(ctx, groupId, { outside: true }));
	if (!parentId) return;
	let opened = false;
	const open = async () => {
		if (opened || signal.aborted) return;
		opened = true;
		if (!(await query(ctx, (ctx) => sessionNow(ctx, parentId)))) {
			opened = false;
			return;
		}
		const channel = openChannel(ctx, {
			roomId: parentId,
			signal,
			send(event) {
				if (event.kind === 'state') told(event.state.groups);
				if (event.kind === 'handout') handed();
				if (event.kind === 'removed' || event.kind === 'ended') over(event);
				if (event.kind === 'waiting') over({ kind: 'removed', message: event.message });
			}
		});
		channel.catch((error: unknown) => {
			if (isAppError(error)) over({ kind: 'removed', message: null });
			else ctx.services.log.warn({ err: error }, 'the room above a group could not be entered');
		});
	};
	await open();
	// Whoever is in a group before the lesson begins is in the lesson when it does.
	const stop = ctx.services.changes.on('session', (change) => change.roomId === parentId && guarded(ctx.services, open)());
	if (signal.aborted) stop();
	else signal.addEventListener('abort', stop, { once: true });
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
