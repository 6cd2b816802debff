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
export type LiveEvent = { kind: 'inside'; inside: Inside[] } | { kind: 'changed' } | { kind: 'removed'; sentence: string };
