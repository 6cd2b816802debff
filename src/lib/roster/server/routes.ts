import { z } from '@hono/zod-openapi';
import { answers, newApi, route, takes } from '#lib/server/route.ts';
import { Role } from '#lib/spaces/model.ts';
import { ImportRoster, rosterRoles } from '../model.ts';
import { importRoster } from './import.ts';
import { listPeople } from './people.ts';
import { presentReport } from './present.ts';
import { resetPassword } from './reset-password.ts';

const Space = z.object({ spaceId: z.uuid() });
const Report = z
	.object({
		imported: z.boolean(),
		errorCount: z.number().int(),
		errors: z.array(z.object({ line: z.number().nullable(), column: z.string().nullable(), sentence: z.string() })),
		changes: z.array(z.string()).openapi({ description: 'what changes, in sentences' }),
		firstPasswords: z
			.array(z.object({ number: z.string(), name: z.string(), roles: z.array(z.enum(rosterRoles)), password: z.string() }))
			.openapi({ description: 'shown once' })
	})
	.openapi('RosterReport');
const Person = z
	.object({
		id: z.string(),
		number: z.string(),
		name: z.string(),
		left: z.boolean(),
		mustChangePassword: z.boolean(),
		memberships: z.array(z.object({ spaceId: z.string(), space: z.string(), role: Role }))
	})
	.openapi('EnrolledPerson');

export const rosterRoutes = newApi()
	.openapi(
		route('roster.import', {
			method: 'post',
			path: '/spaces/{spaceId}/roster',
			summary: 'Bring a school’s people up to its roster, or say what would change',
			request: { params: Space, body: takes(ImportRoster.omit({ schoolId: true })) },
			responses: answers(Report, 'what changed or would change, or what is wrong in which row')
		}),
		async (c) => {
			const report = await importRoster(c.env.ctx, { schoolId: c.req.valid('param').spaceId, ...c.req.valid('json') });
			return c.json(presentReport(report, c.env.locale), 200);
		}
	)
	.openapi(
		route('roster.import', {
			method: 'get',
			path: '/spaces/{spaceId}/people',
			summary: 'The people of a school, a page at a time',
			request: {
				params: Space,
				query: z.object({
					search: z.string().max(60).optional(),
					after: z.uuid().optional(),
					limit: z.coerce.number().int().min(1).max(200).optional()
				})
			},
			responses: answers(z.object({ people: z.array(Person), next: z.string().nullable() }), 'people')
		}),
		async (c) => c.json(await listPeople(c.env.ctx, { schoolId: c.req.valid('param').spaceId, ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('password.reset', {
			method: 'post',
			path: '/spaces/{spaceId}/people/{personId}/password',
			summary: 'Give a person a new first password',
			request: { params: z.object({ spaceId: z.uuid(), personId: z.uuid() }) },
			responses: answers(z.object({ password: z.string() }), 'the password, shown once')
		}),
		async (c) => c.json(await resetPassword(c.env.ctx, c.req.valid('param')), 200)
	);
