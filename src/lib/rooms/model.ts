import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';

export const roomKinds = ['lesson', 'meeting', 'group', 'tutoring', 'homeSchool', 'workshop'] as const;
export type RoomKind = (typeof roomKinds)[number];

export const OpenRoom = z.strictObject({
	spaceId: idOf('space'),
	kind: z.enum(roomKinds),
	title: z.string().trim().min(1).max(80)
});
export type OpenRoom = z.input<typeof OpenRoom>;

/** How long a person may be out of touch before the room says that they left, in milliseconds. */
export const goneAfter = 20_000;

export const ChangeRoom = z.strictObject({ roomId: idOf('room'), title: z.string().trim().min(1).max(80) });
export type ChangeRoom = z.input<typeof ChangeRoom>;

/** Someone who is in a room now. */
export interface Inside {
	personId: string;
	name: string;
	role: Role;
	since: string;
}

/** What a room's live channel tells, each time something changes. */
export type LiveEvent =
	| { kind: 'inside'; inside: Inside[] }
	| { kind: 'changed' }
	/** Something was said about a document on the table. */
	| { kind: 'comments'; documentId: string; threadId: string }
	/** Something to do changed; null: several tasks, or the milestones. */
	| { kind: 'project'; taskId: string | null }
	| { kind: 'removed' }
	| { kind: 'here' };

/** How often both ends of a live channel show that they are still there, in milliseconds. */
export const livePulse = 5_000;

/** Why a live channel closes, as WebSocket close codes. */
export const liveClose = {
	/** The person chose to leave. */
	left: 4000,
	/** The right to be here ended. */
	removed: 4003,
	/** Nobody, or nobody who may enter. */
	refused: 4004,
	/** Something broke; ask again. */
	failed: 1011,
	/** The server ends; ask again. */
	restarting: 1012
} as const;
