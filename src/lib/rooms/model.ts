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

/** What a person may bring into a session, besides writing; `draw` is on a screen that somebody shares. */
export const means = ['microphone', 'camera', 'screen', 'draw', 'chat'] as const;
export type Means = (typeof means)[number];
export type Grants = Record<Means, boolean>;

/** What holds for all who do not lead; it stays with the room from one session to the next. */
export interface RoomRules extends Grants {
	/** Nobody new comes in. */
	locked: boolean;
	/** Whoever comes waits until they are let in. */
	lobby: boolean;
	/** Who may speak and be seen: everybody, or whoever is invited up. */
	stage: 'open' | 'invited';
}

/** Lessons and tutoring have a stage to which one is invited; everywhere else all speak. */
export const rulesOf = ({ kind, rules }: { kind: RoomKind; rules: Partial<RoomRules> }): RoomRules => ({
	locked: false,
	lobby: false,
	stage: kind === 'lesson' || kind === 'tutoring' ? 'invited' : 'open',
	microphone: true,
	camera: true,
	screen: true,
	draw: true,
	chat: true,
	...rules
});

/**
 * What one person may bring: who leads brings everything; an invitation outweighs what all are forbidden; what is
 * forbidden to one person outweighs the invitation.
 */
export function grantsOf(
	{ leads, onStage, denied }: { leads: boolean; onStage: boolean; denied: readonly Means[] },
	rules: RoomRules
): Grants {
	const up = onStage || rules.stage === 'open';
	const grant = (one: Means) => leads || (!denied.includes(one) && (one === 'chat' ? rules.chat : onStage || (up && rules[one])));
	return {
		microphone: grant('microphone'),
		camera: grant('camera'),
		screen: grant('screen'),
		draw: grant('draw'),
		chat: grant('chat')
	};
}

/**
 * How a person is in a call: with the device that hears and is heard; with a second one, which only shows and shares its
 * screen, without a sound in or out; or speaking into it from another call, heard and hearing nothing.
 */
export const seats = ['first', 'companion', 'outside'] as const;
export type Seat = (typeof seats)[number];
const seatMarks: Record<Seat, string> = { first: '', companion: '~2', outside: '~out' };
/** By what name a person is known in a call in this seat. */
export const identityOf = (personId: string, seat: Seat = 'first'): string => personId + seatMarks[seat];
/** Who it is that is known in a call by this name, and in which seat. */
export function seatOf(identity: string): { personId: string; seat: Seat } {
	const seat = (['companion', 'outside'] as const).find((one) => identity.endsWith(seatMarks[one])) ?? 'first';
	return { personId: identity.slice(0, identity.length - seatMarks[seat].length), seat };
}

const OneRoom = { roomId: idOf('room') };
const OnePerson = { ...OneRoom, personId: idOf('person') };
const Message = z.string().trim().max(200).default('');

export const JoinCall = z.strictObject({ ...OneRoom, companion: z.boolean().default(false) });
export type JoinCall = z.input<typeof JoinCall>;

export const SetRules = z.strictObject({
	...OneRoom,
	rules: z
		.strictObject({
			locked: z.boolean(),
			lobby: z.boolean(),
			stage: z.enum(['open', 'invited']),
			microphone: z.boolean(),
			camera: z.boolean(),
			screen: z.boolean(),
			draw: z.boolean(),
			chat: z.boolean()
		})
		.partial()
});
export type SetRules = z.input<typeof SetRules>;

export const Permit = z.strictObject({
	...OnePerson,
	/** Up on the stage, or down from it. */
	stage: z.boolean().optional(),
	/** What this person may not bring, whatever holds for all. */
	denied: z.array(z.enum(means)).max(means.length).optional(),
	/** Takes the hand down. */
	hand: z.literal(false).optional()
});
export type Permit = z.input<typeof Permit>;

/** One person's picture, or the screen that they share, in the middle for everybody. */
export const Spotlight = z.strictObject({ kind: z.enum(['person', 'screen']), personId: idOf('person') });
export type Spotlight = z.infer<typeof Spotlight>;
export const SetSpotlight = z.strictObject({ ...OneRoom, spotlight: Spotlight.nullable() });
export type SetSpotlight = z.input<typeof SetSpotlight>;

export const SendOut = z.strictObject({ ...OnePerson, message: Message });
export type SendOut = z.input<typeof SendOut>;
export const Admit = z.strictObject({ ...OneRoom, personId: idOf('person').optional() });
export type Admit = z.input<typeof Admit>;

/** How one says, without speaking, how it goes. */
export const needs = ['done', 'help'] as const;
export type Need = (typeof needs)[number];
export const Signal = z.strictObject({ ...OneRoom, hand: z.boolean().optional(), need: z.enum(needs).nullable().optional() });
export type Signal = z.input<typeof Signal>;

/** Someone who takes part in the session that goes on. */
export interface Participant extends Inside {
	leads: boolean;
	onStage: boolean;
	denied: Means[];
	can: Grants;
	/** Since when the hand is up. */
	handAt: string | null;
	need: Need | null;
	/** Was heard in this session. */
	spoke: boolean;
}

/** Why somebody is not inside: not let in yet, sent back to the lobby, or sent out for this session. */
export const outside = ['waiting', 'lobby', 'removed'] as const;
export type Outside = (typeof outside)[number];

/** Someone before the door; the message is what they were told. */
export interface Outsider {
	personId: string;
	name: string;
	role: Role;
	admission: Outside;
	since: string;
	message: string;
}

/** The groups that are at work in a room now. */
export interface GroupsNow {
	setId: string;
	title: string;
	/** Everybody chooses a group. */
	choice: boolean;
	openedAt: string;
	endsAt: string | null;
	/** What was said last to all groups. */
	message: { text: string; at: string } | null;
	groups: { roomId: string; name: string; people: string[] }[];
}

/** What a session is at this moment, as one person sees it. */
export interface RoomState {
	rules: RoomRules;
	people: Participant[];
	/** Before the door; only for those who lead. */
	outside: Outsider[];
	/** The groups at work; null while all are together. */
	groups: GroupsNow | null;
	/** What whoever leads put in the middle. */
	spotlight: Spotlight | null;
}

/** What a room's live channel tells, each time something changes. */
export type LiveEvent =
	| { kind: 'state'; state: RoomState }
	/** One waits before the door; the message is what one was told when one was sent back. */
	| { kind: 'waiting'; message: string; sentBack: boolean }
	/** Somebody who leads ended the session for all. */
	| { kind: 'ended' }
	/** Of the room that this group is a part of: the groups at work there, null when all are called back. */
	| { kind: 'above'; groups: GroupsNow | null }
	| { kind: 'changed' }
	/** Something is asked, or is no longer; those who lead hear of each answer too. */
	| { kind: 'round' }
	/** A recording began or ended, or somebody said yes or no to it. */
	| { kind: 'recording' }
	/** Something was put in front of people, here or in the room that this group is a part of; or was collected or handed back. */
	| { kind: 'handout' }
	/** A page of slides is shown to all; null: something else about slides changed. */
	| { kind: 'slides'; show: { deckId: string; page: number; together: boolean; turn: number } | null }
	/** Captions or the notes of the session changed. */
	| { kind: 'captions' }
	/** A step of the lesson's plan began or ended, or the plans changed. */
	| { kind: 'sheet' }
	/** Something was said about a document on the table. */
	| { kind: 'comments'; documentId: string; threadId: string }
	/** Something to do changed; null: several tasks, or the milestones. */
	| { kind: 'project'; taskId: string | null }
	/** One must go: the right ended, or somebody who leads sent one out and said why. */
	| { kind: 'removed'; message: string | null }
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
	/** The room is locked. */
	locked: 4005,
	/** The session was ended for all. */
	ended: 4006,
	/** Something broke; ask again. */
	failed: 1011,
	/** The server ends; ask again. */
	restarting: 1012
} as const;
