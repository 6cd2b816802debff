import type { PersonId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import type { RecordVerb } from '#lib/records/vocabulary.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import { placeOf } from '#lib/rooms/server/index.ts';
import type { TaskRow } from './find.ts';

/** Keeps the acts that matter as statements, one for each: a task was made, given to somebody, finished. */
export async function recordActs(
	ctx: Context,
	room: RoomRow,
	task: TaskRow,
	acts: readonly { verb: Extract<RecordVerb, 'planned' | 'assigned' | 'completed'>; targetId?: PersonId | null }[]
): Promise<void> {
	if (acts.length === 0) return;
	const { personId, memberships } = requireActor(ctx);
	const here = memberships.find((membership) => permits(policy['project.change'], [membership], placeOf(room)));
	const sessionId = await sessionNow(ctx, room.id);
	await record(
		ctx,
		acts.map(({ verb, targetId }) => ({
			// A task is changed once in a revision.
			key: `task:${task.id}:${task.revision}:${verb}`,
			verb,
			actorId: personId,
			role: here?.role ?? 'student',
			spacePath: room.spacePath,
			roomId: room.id,
			sessionId,
			targetId: targetId ?? null,
			startedAt: ctx.now(),
			amount: 1,
			figures: { task: task.id }
		}))
	);
}

/** What a change of a task tells: whom it was given to, and that it is finished. */
export function actsOf(before: Pick<TaskRow, 'state' | 'ownerId'>, after: TaskRow) {
	const given = after.ownerId !== null && after.ownerId !== before.ownerId;
	const finished = after.state === 'done' && before.state !== 'done';
	return [
		...(given ? [{ verb: 'assigned' as const, targetId: after.ownerId }] : []),
		...(finished ? [{ verb: 'completed' as const }] : [])
	];
}
