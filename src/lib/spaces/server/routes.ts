import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { madeKinds, Role, spaceKinds } from '../model.ts';
import { addMember, findPerson, listMembers, listUnder, mySpaces, removeMember, seeSpace } from './index.ts';

const Kind = z.enum(spaceKinds);
const Brief = z.object({ id: z.uuid(), kind: Kind, name: z.string() });
const Mine = Brief.extend({ schoolName: z.string().nullable(), roles: z.array(Role) }).openapi('MySpace');
const Space = Brief.extend({
	above: z.array(Brief),
	roles: z.array(Role),
	can: z.object({
		openRoom: z.boolean(),
		seeMembers: z.boolean(),
		changeMembers: z.boolean(),
		create: z.array(z.enum(madeKinds))
	})
}).openapi('Space');
const Under = Brief.extend({ members: z.int() }).openapi('SpaceUnder');
const Member = z
	.object({
		personId: z.uuid(),
		name: z.string(),
		number: z.string().nullable(),
		role: Role,
		since: z.string(),
		removable: z.boolean()
	})
	.openapi('Member');

const Found = z.object({ personId: z.uuid(), name: z.string(), home: z.string().nullable() }).openapi('FoundPerson');

const SpaceParam = z.object({ spaceId: z.uuid() });
const MemberBody = z.strictObject({ personId: z.uuid(), role: Role });
const FindBody = z.strictObject({ number: z.string().max(200), role: Role });

export const spacesRoutes = newApi()
	.openapi(
		route('self', {
			method: 'get',
			path: '/spaces',
			summary: 'The spaces one is a member of, in the present capacity',
			responses: answers(z.array(Mine), 'spaces')
		}),
		async (c) => c.json(await mySpaces(c.env.ctx), 200)
	)
	.openapi(
		route('space.see', {
			method: 'get',
			path: '/spaces/{spaceId}',
			summary: 'One space',
			request: { params: SpaceParam },
			responses: answers(Space, 'the space')
		}),
		async (c) => c.json(await seeSpace(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('space.see', {
			method: 'get',
			path: '/spaces/{spaceId}/spaces',
			summary: 'The spaces directly under one',
			request: { params: SpaceParam },
			responses: answers(z.array(Under), 'spaces')
		}),
		async (c) => c.json(await listUnder(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('member.list', {
			method: 'get',
			path: '/spaces/{spaceId}/members',
			summary: 'The members of a space by name, a page at a time',
			request: {
				params: SpaceParam,
				query: z.object({ after: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).optional() })
			},
			responses: answers(z.object({ members: z.array(Member), next: z.string().nullable() }), 'members')
		}),
		async (c) => c.json(await listMembers(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('member.change', {
			method: 'post',
			path: '/spaces/{spaceId}/members',
			summary: 'Make a person a member',
			request: { params: SpaceParam, body: takes(MemberBody) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await addMember(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('member.find', {
			method: 'post',
			path: '/spaces/{spaceId}/members/find',
			summary: 'The person with exactly this number, when one may make that person a member in this role',
			request: { params: SpaceParam, body: takes(FindBody) },
			responses: answers(Found, 'the person')
		}),
		async (c) => c.json(await findPerson(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('member.change', {
			method: 'post',
			path: '/spaces/{spaceId}/members/remove',
			summary: 'End a membership now',
			request: { params: SpaceParam, body: takes(MemberBody) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await removeMember(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	);
