import { relationOf } from '#lib/spaces/model.ts';
import type { Membership, Relation, Role } from '#lib/spaces/model.ts';

/** What the policy speaks about; every object lies in a space. */
export type ObjectType = 'space' | 'person' | 'room' | 'document' | 'record' | 'audit' | 'policy';

export type Grants = Partial<Record<Role, readonly Relation[]>>;

/** One row of the policy: for a verb on an object of some kind, which roles in which relation may. */
export interface Rule {
	readonly object: ObjectType;
	/** By the kind of the object (a lesson, a class …); `*` for every kind that has no entry of its own. */
	readonly allow: Readonly<Record<string, Grants>>;
}

export const rule = (object: ObjectType, allow: Readonly<Record<string, Grants>>): Rule => ({ object, allow });

/** Who may, on one kind of object. */
export const grantsFor = (rule: Rule, kind: string): Grants => rule.allow[kind] ?? rule.allow['*'] ?? {};

/** Whether someone with these memberships may do it to an object of this kind at this path. */
export function permits(rule: Rule, memberships: readonly Membership[], object: { kind: string; path: string }): boolean {
	const grants = grantsFor(rule, object.kind);
	return memberships.some((membership) => grants[membership.role]?.includes(relationOf(membership, object.path)) ?? false);
}
