import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

export const spaceKinds = ['region', 'school', 'class', 'personal', 'workshop', 'community'] as const;
export type SpaceKind = (typeof spaceKinds)[number];

/** What a person is in a space. In a workshop `headTeacher` is its host. */
export const roles = ['student', 'teacher', 'headTeacher', 'guardian', 'schoolAdmin', 'regionAdmin'] as const;
export type Role = (typeof roles)[number];
export const Role = z.enum(roles);

/**
 * The capacity in which a person is signed in. Rights and sight come from the memberships of this
 * capacity alone, never from the union of all that the person is.
 */
export const hats = ['student', 'teacher', 'guardian', 'schoolAdmin', 'regionAdmin'] as const;
export type Hat = (typeof hats)[number];
export const Hat = z.enum(hats);

/** The capacity that a role belongs to: a head teacher acts as a teacher. */
export const hatOf = (role: Role): Hat => (role === 'headTeacher' ? 'teacher' : role);

export interface Membership {
	readonly spaceId: string;
	readonly path: string;
	readonly role: Role;
}

/** How an actor stands to the space of an object, closest first. */
export const relations = ['member', 'above', 'below', 'near', 'none'] as const;
export type Relation = (typeof relations)[number];

/** Whether `path` is `ancestor` itself or lies under it. */
export const isWithin = (path: string, ancestor: string): boolean => path === ancestor || path.startsWith(`${ancestor}.`);

/** The part of a path that a school (or a workshop, or a region's own level) reaches: its first two labels. */
export const schoolOf = (path: string): string => path.split('.').slice(0, 2).join('.');

/**
 * How one membership stands to the space at `path`: a member of it, of a space above it, of one below it,
 * of another space of the same school, or nothing to it.
 */
export function relationOf(membership: Pick<Membership, 'path'>, path: string): Relation {
	if (membership.path === path) return 'member';
	if (isWithin(path, membership.path)) return 'above';
	if (isWithin(membership.path, path)) return 'below';
	const school = schoolOf(path);
	return school.includes('.') && schoolOf(membership.path) === school ? 'near' : 'none';
}

/** The kinds of space that people make under another. */
export const madeKinds = ['school', 'class', 'workshop'] as const;
export type MadeKind = (typeof madeKinds)[number];

/** Which of them lie directly under which kind. */
export const kindsUnder: Partial<Record<SpaceKind, readonly MadeKind[]>> = { region: ['school', 'workshop'], school: ['class'] };

/** Which roles there are in which kind of space. */
export const rolesIn: Record<SpaceKind, readonly Role[]> = {
	region: ['regionAdmin'],
	school: ['teacher', 'schoolAdmin'],
	class: ['student', 'teacher', 'headTeacher', 'guardian'],
	workshop: ['teacher', 'headTeacher'],
	community: ['student', 'teacher', 'headTeacher', 'guardian'],
	personal: []
};

export const longestName = 80;
/** One line that people can read: no control characters. */
const SpaceName = z
	.string()
	.trim()
	.min(1)
	.max(longestName)
	.regex(/^\P{Cc}*$/u);

export const CreateSpace = z.strictObject({
	parentId: idOf('space'),
	kind: z.enum(madeKinds),
	name: SpaceName
});
export type CreateSpace = z.input<typeof CreateSpace>;

export const ChangeMembership = z.strictObject({
	spaceId: idOf('space'),
	personId: idOf('person'),
	role: Role
});
export type ChangeMembership = z.input<typeof ChangeMembership>;

export const FindPerson = z.strictObject({
	spaceId: idOf('space'),
	number: z.string().trim().min(1).max(40),
	role: Role
});
export type FindPerson = z.input<typeof FindPerson>;
