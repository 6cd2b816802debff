import { rule } from '#lib/server/rule.ts';

export const peoplePolicy = {
	/** Import a roster into a school. */
	'roster.import': rule('space', { school: { schoolAdmin: ['member'], regionAdmin: ['above'] } }),
	/** Give a person a new first password. */
	'password.reset': rule('space', {
		school: { schoolAdmin: ['member'] },
		class: { headTeacher: ['member'], schoolAdmin: ['above'] }
	})
} as const;
