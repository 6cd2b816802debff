import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { CreateSpace, Role, spaceKinds } from '#lib/spaces/model.ts';
import { createSpace } from '#lib/spaces/server/index.ts';
import { OpenRoom, Permit, roomKinds, SendOut, SetRules, SetSpotlight, Signal } from '../model.ts';
import {
	admitPerson,
	callNext,
	closeRoom,
	endSession,
	enterRoom,
	joinCall,
	leaveRoom,
	listRooms,
	lowerHands,
	myRooms,
	openRoom,
	permitPerson,
	renameRoom,
	seeRoom,
	sendToLobby,
	setRules,
	setSpotlight,
	signal,
	standardRooms,
	turnOut
} from './index.ts';

const Space = z.object({ id: z.uuid(), kind: z.enum(spaceKinds), name: z.string() });
const Room = z
	.object({
		id: z.uuid(),
		kind: z.enum(roomKinds),
		title: z.string(),
		parentId: z.uuid().nullable(),
		space: z.object({ id: z.uuid(), name: z.string(), kind: z.enum(spaceKinds) }),
		can: z.object({
			enter: z.boolean(),
			change: z.boolean(),
			lead: z.boolean(),
			analyse: z.boolean(),
			createDocument: z.boolean()
		})
	})
	.openapi('Room');
const Inside = z.object({ personId: z.uuid(), name: z.string(), role: Role, since: z.iso.datetime() }).openapi('Inside');
const Card = Room.extend({ inside: z.array(Inside) }).openapi('RoomCard');
const Entered = z
	.object({
		roomId: z.uuid(),
		role: Role,
		/** Inside, or before the door: not let in yet, or sent back with a message. */
		admission: z.enum(['in', 'waiting', 'lobby']),
		sessionId: z.uuid().nullable(),
		visitId: z.uuid().nullable(),
		message: z.string()
	})
	.openapi('Entry');
const Call = z.object({ url: z.string(), token: z.string() }).openapi('Call');

const RoomParam = z.object({ roomId: z.uuid() });
const PersonParam = z.object({ roomId: z.uuid(), personId: z.uuid() });
/** A body without what the address says already. */
const about = { roomId: true } as const;
const aboutPerson = { roomId: true, personId: true } as const;
const SpaceParam = z.object({ spaceId: z.uuid() });

export const roomsRoutes = newApi()
	.openapi(
		route('space.create', {
			method: 'post',
			path: '/spaces',
			summary: 'Make a space under another',
			request: { body: takes(CreateSpace) },
			responses: answers(Space, 'the new space')
		}),
		async (c) => {
			const { id, kind, name } = await createSpace(c.env.ctx, c.req.valid('json'), standardRooms);
			return c.json({ id, kind, name }, 200);
		}
	)
	.openapi(
		route('self', {
			method: 'get',
			path: '/rooms',
			summary: 'The rooms of the spaces one is a member of',
			responses: answers(z.array(Card), 'rooms')
		}),
		async (c) => c.json(await myRooms(c.env.ctx), 200)
	)
	.openapi(
		route('space.see', {
			method: 'get',
			path: '/spaces/{spaceId}/rooms',
			summary: 'The rooms of a space, with who is inside',
			request: { params: SpaceParam },
			responses: answers(z.array(Card), 'rooms')
		}),
		async (c) => c.json(await listRooms(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('room.open', {
			method: 'post',
			path: '/rooms',
			summary: 'Open a durable room in a space',
			request: { body: takes(OpenRoom) },
			responses: answers(Room, 'the new room')
		}),
		async (c) => c.json(await openRoom(c.env.ctx, c.req.valid('json')), 200)
	)
	.openapi(
		route('room.see', {
			method: 'get',
			path: '/rooms/{roomId}',
			summary: 'One room, with who is inside',
			request: { params: RoomParam },
			responses: answers(Card, 'the room')
		}),
		async (c) => c.json(await seeRoom(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('room.change', {
			method: 'patch',
			path: '/rooms/{roomId}',
			summary: 'Give a room another title',
			request: { params: RoomParam, body: takes(z.strictObject({ title: z.string().trim().min(1).max(80) })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await renameRoom(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.change', {
			method: 'delete',
			path: '/rooms/{roomId}',
			summary: 'Put a room away; what was made in it stays',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await closeRoom(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.enter', {
			method: 'post',
			path: '/rooms/{roomId}/enter',
			summary: 'Enter a room; without a live channel, again within every 20 seconds to stay',
			request: { params: RoomParam },
			responses: answers(Entered, 'the visit, or that one waits')
		}),
		async (c) => c.json(await enterRoom(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/rooms/{roomId}/leave',
			summary: 'Leave a room on every screen',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await leaveRoom(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.enter', {
			method: 'post',
			path: '/rooms/{roomId}/call',
			summary: 'A token for the call of a room',
			request: { params: RoomParam, query: z.object({ companion: z.enum(['true', 'false']).optional() }) },
			responses: answers(Call, 'address and token')
		}),
		async (c) =>
			c.json(await joinCall(c.env.ctx, { ...c.req.valid('param'), companion: c.req.valid('query').companion === 'true' }), 200)
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/rules',
			summary: 'Say what holds for all who do not lead',
			request: { params: RoomParam, body: takes(SetRules.shape.rules) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await setRules(c.env.ctx, { ...c.req.valid('param'), rules: c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/admit',
			summary: 'Let everybody in who waits',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await admitPerson(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/people/{personId}/admit',
			summary: 'Let somebody in who waits or was sent out',
			request: { params: PersonParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await admitPerson(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/people/{personId}/permit',
			summary: 'Invite up to the stage, forbid or allow, take the hand down',
			request: { params: PersonParam, body: takes(Permit.omit(aboutPerson)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await permitPerson(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/people/{personId}/lobby',
			summary: 'Send somebody back to the lobby with a message',
			request: { params: PersonParam, body: takes(SendOut.omit(aboutPerson)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await sendToLobby(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/people/{personId}/turn-out',
			summary: 'Send somebody out until the session ends',
			request: { params: PersonParam, body: takes(SendOut.omit(aboutPerson)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await turnOut(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/hands/lower',
			summary: 'Take all hands down',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await lowerHands(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/hands/next',
			summary: 'The next in line comes up to the stage',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await callNext(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/spotlight',
			summary: 'Put a person or a shared screen in the middle for everybody, or take it back',
			request: { params: RoomParam, body: takes(SetSpotlight.omit(about)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await setSpotlight(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/end',
			summary: 'End the session for all',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await endSession(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('room.enter', {
			method: 'post',
			path: '/rooms/{roomId}/signal',
			summary: 'Raise a hand, or say that one is done or needs help',
			request: { params: RoomParam, body: takes(Signal.omit(about)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await signal(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	);
