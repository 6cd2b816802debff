import { z } from 'zod';
import type { DocumentKind } from '#lib/documents/model.ts';
import { idOf } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';

/** How people come into groups: by chance, mixed by how much they took part so far, by hand, or as they choose. */
export const ways = ['random', 'mixed', 'hand', 'choice'] as const;
export type Way = (typeof ways)[number];

export const mostGroups = 20;
const OneRoom = { roomId: idOf('room') };
const OneSet = { ...OneRoom, setId: idOf('groupSet') };
const Title = z.string().trim().min(1).max(40);

export const MakeGroups = z.strictObject({
	...OneRoom,
	title: Title,
	way: z.enum(ways),
	count: z.int().min(2).max(mostGroups),
	/** Only those who are inside now, instead of everybody who belongs to the room. */
	insideOnly: z.boolean().default(false)
});
export type MakeGroups = z.input<typeof MakeGroups>;
export const OpenGroups = z.strictObject({ ...OneSet, minutes: z.int().min(1).max(240).optional() });
export type OpenGroups = z.input<typeof OpenGroups>;
export const OneGroupSet = z.strictObject(OneSet);
export type OneGroupSet = z.input<typeof OneGroupSet>;
export const MoveMember = z.strictObject({
	...OneSet,
	personId: idOf('person'),
	/** None: out of all groups. */
	groupId: idOf('room').nullable()
});
export type MoveMember = z.input<typeof MoveMember>;
export const ChooseGroup = z.strictObject({ ...OneSet, groupId: idOf('room') });
export type ChooseGroup = z.input<typeof ChooseGroup>;
export const RenameGroup = z.strictObject({ ...OneSet, groupId: idOf('room'), title: Title });
export type RenameGroup = z.input<typeof RenameGroup>;
export const TellGroups = z.strictObject({ ...OneSet, text: z.string().trim().min(1).max(300) });
export type TellGroups = z.input<typeof TellGroups>;

export interface Member {
	personId: string;
	name: string;
	role: Role;
	/** In the group's room now, and speaks. */
	inside: boolean;
	speaks: boolean;
}

/** What lies on the table of a group. */
export interface GroupDocument {
	id: string;
	kind: DocumentKind;
	title: string;
	/** When somebody last wrote in it. */
	changedAt: string | null;
}

export interface Group {
	roomId: string;
	name: string;
	members: Member[];
	/** Others who are inside, as whoever leads and looks in. */
	guests: string[];
	/** Who holds up a hand or needs help. */
	hands: number;
	/** For those who lead: their names, and what lies on the table of a group at work. */
	asking: string[];
	documents: GroupDocument[];
}

export interface GroupSet {
	id: string;
	title: string;
	choice: boolean;
	openedAt: string | null;
	endsAt: string | null;
	groups: Group[];
	/** Who belongs to the room and to no group of this set. */
	free: { personId: string; name: string }[];
}

/** Ways into the calls of groups, to speak to all of them at once. */
export interface GroupLines {
	url: string;
	lines: { roomId: string; token: string }[];
}

export interface GroupsView {
	now: string;
	/** For those who lead every set, newest first; for the others those in which they have a group or may choose one. */
	sets: GroupSet[];
}
