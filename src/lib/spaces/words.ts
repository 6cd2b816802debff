import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import type { Role, SpaceKind } from './model.ts';

/** The word for a kind of space. */
export const kindName = (kind: SpaceKind): string => m[`spaces.kind.${kind}`]();

/** The word for a role; in a workshop the head teacher is its host. */
export const roleName = (role: Role, kind?: SpaceKind, locale?: Locale): string =>
	role === 'headTeacher' && kind === 'workshop'
		? m['spaces.role.host']({}, { locale })
		: m[`spaces.role.${role}`]({}, { locale });
