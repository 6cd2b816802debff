import type { Id, PersonId } from '#lib/ids.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { findMilestone } from './find.ts';
import { isOfRoom } from './people.ts';

interface Fields {
	ownerId?: PersonId | null | undefined;
	milestoneId?: Id<'milestone'> | null | undefined;
	startsOn?: string | null | undefined;
	dueOn?: string | null | undefined;
}

/** Refuses owners and milestones from elsewhere, and a beginning after the end. */
export async function checkFields(
	ctx: Context,
	room: RoomRow,
	{ ownerId, milestoneId, startsOn, dueOn }: Fields,
	before: { startsOn: string | null; dueOn: string | null }
): Promise<void> {
	if (ownerId && !(await isOfRoom(ctx, room, ownerId))) throw new Invalid('projects.notOfRoom');
	if (milestoneId) await findMilestone(ctx, { roomId: room.id, milestoneId });
	const [start, due] = [startsOn === undefined ? before.startsOn : startsOn, dueOn === undefined ? before.dueOn : dueOn];
	if (start && due && start > due && (startsOn !== undefined || dueOn !== undefined)) throw new Invalid('projects.startAfterDue');
}
