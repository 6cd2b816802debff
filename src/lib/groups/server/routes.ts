import { z } from '@hono/zod-openapi';
import { documentKinds } from '#lib/documents/model.ts';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { Role } from '#lib/spaces/model.ts';
import { ChooseGroup, MakeGroups, MoveMember, OpenGroups, RenameGroup, TellGroups } from '../model.ts';
import {
	archiveGroups,
	callBack,
	chooseGroup,
	makeGroups,
	moveMember,
	openGroups,
	renameGroup,
	seeGroups,
	speakToGroups,
	tellGroups
} from './index.ts';

const Moment = z.iso.datetime().nullable();
const Sets = z
	.object({
		now: z.iso.datetime(),
		sets: z.array(
			z.object({
				id: z.uuid(),
				title: z.string(),
				choice: z.boolean(),
				openedAt: Moment,
				endsAt: Moment,
				groups: z.array(
					z.object({
						roomId: z.uuid(),
						name: z.string(),
						members: z.array(
							z.object({ personId: z.uuid(), name: z.string(), role: Role, inside: z.boolean(), speaks: z.boolean() })
						),
						guests: z.array(z.string()),
						hands: z.number(),
						asking: z.array(z.string()),
						documents: z.array(z.object({ id: z.uuid(), kind: z.enum(documentKinds), title: z.string(), changedAt: Moment }))
					})
				),
				free: z.array(z.object({ personId: z.uuid(), name: z.string() }))
			})
		)
	})
	.openapi('Groups');
const Lines = z
	.object({ url: z.string(), lines: z.array(z.object({ roomId: z.uuid(), token: z.string() })) })
	.openapi('GroupLines');
const Made = z.object({ id: z.uuid() }).openapi('GroupSet');
const RoomParam = z.object({ roomId: z.uuid() });
const SetParam = RoomParam.extend({ setId: z.uuid() });
const room = { roomId: true } as const;
const set = { roomId: true, setId: true } as const;

export const groupsRoutes = newApi()
	.openapi(
		route('group.see', {
			method: 'get',
			path: '/rooms/{roomId}/groups',
			summary: 'The sets of groups of a room, who is in which and who is there now',
			request: { params: RoomParam },
			responses: answers(Sets, 'groups')
		}),
		async (c) => c.json(await seeGroups(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups',
			summary: 'Divide a room into groups',
			request: { params: RoomParam, body: takes(MakeGroups.omit(room)) },
			responses: answers(Made, 'the set')
		}),
		async (c) => c.json(await makeGroups(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/open',
			summary: 'Send everybody into their groups',
			request: { params: SetParam, body: takes(OpenGroups.omit(set)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await openGroups(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/call-back',
			summary: 'Call everybody back',
			request: { params: SetParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await callBack(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/tell',
			summary: 'Say something to all groups',
			request: { params: SetParam, body: takes(TellGroups.omit(set)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await tellGroups(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/voice',
			summary: 'Tokens to speak in the calls of all groups at once',
			request: { params: SetParam },
			responses: answers(Lines, 'the lines')
		}),
		async (c) => c.json(await speakToGroups(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/members',
			summary: 'Move somebody into another group, or out of all',
			request: { params: SetParam, body: takes(MoveMember.omit(set)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await moveMember(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.lead', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/names',
			summary: 'Give a group another name',
			request: { params: SetParam, body: takes(RenameGroup.omit(set)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await renameGroup(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.see', {
			method: 'post',
			path: '/rooms/{roomId}/groups/{setId}/choose',
			summary: 'Choose one’s group, where everybody chooses',
			request: { params: SetParam, body: takes(ChooseGroup.omit(set)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await chooseGroup(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('group.lead', {
			method: 'delete',
			path: '/rooms/{roomId}/groups/{setId}',
			summary: 'Put a set of groups away; what was made in them stays',
			request: { params: SetParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await archiveGroups(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	);
