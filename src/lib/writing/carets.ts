import { hatOf, roles } from '#lib/spaces/model.ts';
import type { Hat } from '#lib/spaces/model.ts';

/** Who a caret belongs to, as the server wrote it into the awareness. */
interface CaretUser {
	name?: unknown;
	role?: unknown;
}

const hat = (user: CaretUser): Hat => hatOf(roles.find((role) => role === user.role) ?? 'student');

/** A thin line with the name of the person, in the colour of the role. */
export function renderCaret(user: CaretUser): HTMLElement {
	const caret = document.createElement('span');
	caret.className = 'caret';
	caret.style.setProperty('--who', `var(--role-${hat(user)})`);
	// The name is painted, not written: it is no part of the text that one copies or that is read out.
	if (typeof user.name === 'string') caret.dataset.name = user.name;
	return caret;
}

export const renderSelection = (user: CaretUser) => ({ class: 'caret-selection', style: `--who: var(--role-${hat(user)})` });
