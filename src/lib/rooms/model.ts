import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

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
