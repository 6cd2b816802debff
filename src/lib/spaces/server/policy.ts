import { rule } from '#lib/server/rule.ts';
import type { Grants } from '#lib/server/rule.ts';

/** Who looks after the list of members. */
const listOwners: Readonly<Record<string, Grants>> = {
	region: { regionAdmin: ['member'] },
	school: { schoolAdmin: ['member'], regionAdmin: ['above'] },
	class: { headTeacher: ['member'], schoolAdmin: ['above'], regionAdmin: ['above'] },
	workshop: { headTeacher: ['member'], regionAdmin: ['above'] }
};

/** Who may see and change spaces. `member`: of the space itself; `above`: of one above it; `below`: of one under it. */
export const spacesPolicy = {
	'space.see': rule('space', {
		'*': {
			student: ['member', 'below'],
			guardian: ['member', 'below'],
			teacher: ['member', 'below'],
			headTeacher: ['member', 'below'],
			schoolAdmin: ['member', 'above', 'below'],
			regionAdmin: ['member', 'above']
		},
		personal: {
			student: ['member'],
			guardian: ['member'],
			teacher: ['member'],
			headTeacher: ['member'],
			schoolAdmin: ['member'],
			regionAdmin: ['member']
		}
	}),
	'space.create': rule('space', {
		region: { regionAdmin: ['member'] },
		school: { schoolAdmin: ['member'], regionAdmin: ['above'] }
	}),
	/** Any teacher may found a workshop in the region. */
	'workshop.create': rule('space', { region: { regionAdmin: ['member'], teacher: ['below'], headTeacher: ['below'] } }),
	'member.list': rule('space', {
		'*': { schoolAdmin: ['member', 'above'], regionAdmin: ['member', 'above'] },
		school: { teacher: ['member'], headTeacher: ['member'], schoolAdmin: ['member'], regionAdmin: ['above'] },
		class: { student: ['member'], teacher: ['member'], headTeacher: ['member'], schoolAdmin: ['above'], regionAdmin: ['above'] },
		workshop: { teacher: ['member'], headTeacher: ['member'], regionAdmin: ['above'] },
		personal: {}
	}),
	'member.change': rule('space', listOwners),
	/** Find somebody by number to take into a space. */
	'member.find': rule('space', listOwners),
	'policy.see': rule('policy', { '*': { schoolAdmin: ['member'], regionAdmin: ['member'] } })
} as const;
