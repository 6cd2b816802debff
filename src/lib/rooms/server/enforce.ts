import type { RoomId } from '#lib/ids.ts';
import { systemContext } from '#lib/server/context.ts';
import type { MediaGateway, Sent, Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { Grants, Seat } from '../model.ts';
import { findRoom } from './find.ts';
import { stateOf } from './state.ts';

const sent: readonly Sent[] = ['microphone', 'camera', 'screen', 'draw'];

/** What may be sent into the call with these grants; from a companion, its screen. */
export const sendsOf = (can: Grants, seat: Seat = 'first'): Sent[] =>
	sent.filter((one) => can[one] && (seat !== 'companion' || one === 'screen'));

/** Whether somebody may speak into the call of a group from outside: who leads the room above, is in it, and has its groups at work. */
async function mayAddress(services: Services, groupId: RoomId, personId: string): Promise<boolean> {
	const above = await query(systemContext(services), async (ctx) => {
		const { parentId } = await findRoom(ctx, groupId);
		return parentId && (await stateOf(ctx, parentId));
	}).catch(() => null);
	if (!above) return false;
	const leads = above.people.some((person) => person.personId === personId && person.leads);
	return leads && (above.groups?.groups.some(({ roomId }) => roomId === groupId) ?? false);
}

/**
 * Brings a call in line with its room: nobody sends what is not granted, and whoever was sent out is out. Told by
 * each verb that changes it, and by the listener every second, for what happened while the media server was away.
 */
export async function enforce(services: Services, media: MediaGateway, roomId: RoomId): Promise<void> {
	const [state, senders] = await Promise.all([
		query(systemContext(services), (ctx) => stateOf(ctx, roomId)),
		media.senders(roomId)
	]);
	if (!state) return;
	await Promise.all(
		senders.map(async ({ personId, seat, sends }) => {
			if (seat === 'outside')
				return (await mayAddress(services, roomId, personId)) ? undefined : media.remove(roomId, personId, seat);
			if (state.outside.some((one) => one.personId === personId)) return media.remove(roomId, personId);
			const person = state.people.find((one) => one.personId === personId);
			if (!person) return;
			const allowed = sendsOf(person.can, seat);
			if (allowed.length !== sends.length || allowed.some((one) => !sends.includes(one)))
				await media.permit(roomId, personId, allowed, seat);
		})
	);
}

/** The same for a verb that has done its part already: what fails is done by the listener. */
export async function enforceSoon(services: Services, roomId: RoomId): Promise<void> {
	const { media, log } = services;
	if (!media) return;
	await enforce(services, media, roomId).catch((error: unknown) =>
		log.warn({ err: error, roomId }, 'a call could not be brought in line at once')
	);
}
