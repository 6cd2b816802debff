import { rule } from '#lib/server/rule.ts';

export const recordsPolicy = {
	'audit.see': rule('audit', {
		region: { regionAdmin: ['member'] },
		school: { schoolAdmin: ['member'], regionAdmin: ['above'] }
	})
} as const;
