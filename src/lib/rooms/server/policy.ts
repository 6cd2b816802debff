import { rule } from '#lib/server/rule.ts';
import type { Grants } from '#lib/server/rule.ts';

const staff: Grants = { teacher: ['member'], headTeacher: ['member'] };
const classRoom: Grants = { student: ['member'], ...staff };
const homeSchool: Grants = { guardian: ['member'], ...staff };
/** A meeting is for the members of its space, whoever they are; guardians are asked in by home–school talk only. */
const meeting: Grants = { student: ['member'], ...staff, schoolAdmin: ['member'], regionAdmin: ['member'] };

/** Who enters which kind of room. Administrators do not walk into lessons: they are members of none. */
const enter = { lesson: classRoom, group: classRoom, tutoring: classRoom, meeting, homeSchool, workshop: staff } as const;

export const roomsPolicy = {
	'room.see': rule('room', enter),
	'room.enter': rule('room', enter),
	'room.open': rule('space', {
		class: staff,
		school: { ...staff, schoolAdmin: ['member'] },
		workshop: staff,
		region: { regionAdmin: ['member'] },
		personal: { teacher: ['member'], headTeacher: ['member'] }
	}),
	'room.change': rule('room', { '*': staff, meeting: { ...staff, schoolAdmin: ['member'], regionAdmin: ['member'] } }),
	/** Let in and send out, invite up, forbid and end for all, and say what holds in the room. */
	'room.lead': rule('room', { '*': staff, meeting: { ...staff, schoolAdmin: ['member'], regionAdmin: ['member'] } }),
	/** See the picture of everybody's interaction, and the events behind it. */
	'room.analyse': rule('record', { '*': staff, meeting: { ...staff, schoolAdmin: ['member'], regionAdmin: ['member'] } })
} as const;
