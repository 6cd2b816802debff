import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { Role, SpaceKind } from '#lib/spaces/model.ts';

/** How late somebody may come, and how early go, and still have been there on time; in minutes. */
export const tolerance = 5;

/** Why somebody was not there, or not all the time, as whoever leads has written down. */
export const reasons = ['sick', 'leave', 'school', 'other'] as const;
export type Reason = (typeof reasons)[number];

/** What a session was for one person; `late` and `early` may both hold. */
export type Presence = 'there' | 'late' | 'early' | 'lateAndEarly' | 'absent' | 'excused';

export const SeeAttendance = z.strictObject({ roomId: idOf('room'), sessionId: idOf('session').optional() });
export type SeeAttendance = z.input<typeof SeeAttendance>;

export const NoteAttendance = z.strictObject({
	roomId: idOf('room'),
	sessionId: idOf('session'),
	personId: idOf('person'),
	/** None: what was noted is taken back. */
	reason: z.enum(reasons).nullable(),
	note: z.string().trim().max(100).default('')
});
export type NoteAttendance = z.input<typeof NoteAttendance>;

export interface AttendanceRow {
	personId: string;
	name: string;
	number: string;
	role: Role;
	/** First in and last out; null when never, or not yet. */
	joinedAt: string | null;
	leftAt: string | null;
	/** Time inside, all stays together, in milliseconds. */
	inside: number;
	presence: Presence;
	reason: Reason | null;
	note: string;
}

export interface AttendanceSheet {
	room: { id: string; title: string; space: { name: string; kind: SpaceKind } };
	session: { id: string; startedAt: string; endedAt: string | null } | null;
	/** From when lateness counts, and until when leaving is early: the stay of those who lead, else the whole session. */
	from: string | null;
	to: string | null;
	rows: AttendanceRow[];
}
