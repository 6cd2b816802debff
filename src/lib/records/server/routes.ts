import { z } from '@hono/zod-openapi';
import { answers, newApi, route } from '#lib/server/route.ts';
import { seeAudit } from './see-audit.ts';

const AuditRow = z
	.object({
		id: z.string(),
		at: z.string(),
		who: z.string().nullable(),
		role: z.string().nullable(),
		verb: z.string(),
		objectType: z.string(),
		objectId: z.string().nullable(),
		object: z.string().nullable(),
		address: z.string().nullable(),
		outcome: z.enum(['done', 'refused']),
		detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
	})
	.openapi('AuditRow');

export const recordsRoutes = newApi().openapi(
	route('audit.see', {
		method: 'get',
		path: '/spaces/{spaceId}/audit',
		summary: 'What changed in a school or region, newest first, a page at a time',
		request: {
			params: z.object({ spaceId: z.uuid() }),
			query: z.object({
				verb: z.string().max(60).optional(),
				outcome: z.enum(['done', 'refused']).optional(),
				before: z.uuid().optional(),
				limit: z.coerce.number().int().min(1).max(200).optional()
			})
		},
		responses: answers(z.object({ rows: z.array(AuditRow), next: z.string().nullable() }), 'rows')
	}),
	async (c) => c.json(await seeAudit(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
);
