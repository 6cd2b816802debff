import { z } from '@hono/zod-openapi';
import { roundKinds } from '#lib/rounds/model.ts';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { Role } from '#lib/spaces/model.ts';
import { audiences, ChangeRecording, Consent, KeepRecordings, Mark, trackKinds, troubles } from '../model.ts';
import {
	changeRecording,
	consent,
	filmNow,
	keepRecordings,
	keptIn,
	listRecordings,
	markRecording,
	recordingNow,
	removeMark,
	removeRecording,
	requestFilm,
	seeRecording,
	sendFilm,
	sendTrack,
	startRecording,
	stopRecording
} from './index.ts';

const Moment = z.iso.datetime();
const Made = z.object({ id: z.uuid() }).openapi('MadeRecording');
const Ms = z.number().describe('milliseconds from the beginning');
const Now = z
	.object({
		id: z.uuid(),
		since: Moment,
		by: z.string(),
		consent: z.boolean().nullable(),
		given: z.number(),
		of: z.number(),
		trouble: z.enum(troubles).nullable()
	})
	.openapi('RecordingNow');
const Card = z.object({
	id: z.uuid(),
	title: z.string(),
	state: z.enum(['going', 'finishing', 'ready']),
	startedAt: Moment,
	duration: Ms,
	by: z.string(),
	audience: z.enum(audiences),
	people: z.number(),
	bytes: z.number(),
	expiresAt: Moment,
	can: z.object({ lead: z.boolean() })
});
const Film = z.object({
	state: z.enum(['waiting', 'working', 'ready', 'failed']),
	done: z.number(),
	of: z.number(),
	bytes: z.number(),
	reason: z.enum(['noFfmpeg', 'diskFull', 'broken']).nullable()
});
const Event = z.union([
	z.object({ kind: z.literal('spoke'), at: Ms, until: Ms, personId: z.uuid() }),
	z.object({ kind: z.enum(['hand', 'joined', 'left']), at: Ms, personId: z.uuid() }),
	z.object({
		kind: z.literal('round'),
		at: Ms,
		until: Ms.nullable(),
		round: z.enum(roundKinds),
		question: z.string(),
		options: z.array(z.string()),
		counts: z.array(z.number()),
		correct: z.array(z.number()),
		winner: z.uuid().nullable()
	}),
	z.object({ kind: z.literal('message'), at: Ms, personId: z.uuid().nullable(), text: z.string() }),
	z.object({ kind: z.literal('step'), at: Ms, until: Ms.nullable(), name: z.string(), minutes: z.number() }),
	z.object({ kind: z.literal('slide'), at: Ms, title: z.string(), page: z.number().nullable(), url: z.string().nullable() }),
	z.object({ kind: z.literal('caption'), at: Ms, until: Ms, personId: z.uuid(), text: z.string() })
]);
const Recording = Card.extend({
	room: z.object({ id: z.uuid(), title: z.string(), space: z.object({ id: z.uuid(), name: z.string() }) }),
	tracks: z.array(z.object({ id: z.uuid(), personId: z.uuid(), kind: z.enum(trackKinds), from: Ms, to: Ms, bytes: z.number() })),
	people: z.array(z.object({ personId: z.uuid(), name: z.string(), role: Role.nullable() })),
	events: z.array(Event),
	documents: z.array(z.object({ id: z.uuid(), kind: z.enum(['text', 'map', 'board']), title: z.string() })),
	marks: z.array(
		z.object({
			id: z.uuid(),
			at: Ms,
			until: Ms.nullable(),
			text: z.string(),
			by: z.object({ personId: z.uuid(), name: z.string() }),
			createdAt: Moment,
			can: z.object({ remove: z.boolean() })
		})
	),
	film: Film.nullable(),
	missing: z.array(z.enum(['chat', 'documents']))
}).openapi('Recording');

const RoomParam = z.object({ roomId: z.uuid() });
const Param = z.object({ recordingId: z.uuid() });
const TrackParam = Param.extend({ trackId: z.uuid() });
const MarkParam = Param.extend({ markId: z.uuid() });
const SpaceParam = z.object({ spaceId: z.uuid() });
const bytes = (type: string) => ({ 200: { description: 'the file', content: { [type]: { schema: z.string() } } } });

export const recordingsRoutes = newApi()
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/rooms/{roomId}/recordings',
			summary: 'The recordings of a room that one may watch',
			request: { params: RoomParam },
			responses: answers(z.array(Card.openapi('RecordingCard')), 'the newest first')
		}),
		async (c) => c.json(await listRecordings(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/rooms/{roomId}/recording',
			summary: 'The recording that goes on in a room',
			request: { params: RoomParam },
			responses: answers(z.object({ recording: Now.nullable() }), 'null when none does')
		}),
		async (c) => c.json({ recording: await recordingNow(c.env.ctx, c.req.valid('param')) }, 200)
	)
	.openapi(
		route('recording.lead', {
			method: 'post',
			path: '/rooms/{roomId}/recording',
			summary: 'Begin to record the session that goes on',
			request: { params: RoomParam },
			responses: answers(Made, 'the recording')
		}),
		async (c) => c.json(await startRecording(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('recording.lead', {
			method: 'delete',
			path: '/rooms/{roomId}/recording',
			summary: 'End the recording that goes on',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await stopRecording(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.watch', {
			method: 'put',
			path: '/rooms/{roomId}/recording/consent',
			summary: 'Say yes or no to being recorded oneself',
			request: { params: RoomParam, body: takes(Consent.pick({ given: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await consent(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/recordings/{recordingId}',
			summary: 'A recording with all that happened in it',
			request: { params: Param },
			responses: answers(Recording, 'the recording')
		}),
		async (c) => c.json(await seeRecording(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('recording.lead', {
			method: 'patch',
			path: '/recordings/{recordingId}',
			summary: 'Call a recording something else, or say who may watch it',
			request: { params: Param, body: takes(ChangeRecording.pick({ title: true, audience: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await changeRecording(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.lead', {
			method: 'delete',
			path: '/recordings/{recordingId}',
			summary: 'Put a recording away for good',
			request: { params: Param },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await removeRecording(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/recordings/{recordingId}/tracks/{trackId}',
			summary: 'What one person sent, as WebM, or a part of it by Range',
			request: { params: TrackParam },
			responses: bytes('video/webm')
		}),
		async (c) => sendTrack(c.env.ctx, c.req.valid('param'), c.req.raw)
	)
	.openapi(
		route('recording.watch', {
			method: 'post',
			path: '/recordings/{recordingId}/marks',
			summary: 'Say something about a moment, or name a part',
			request: { params: Param, body: takes(Mark) },
			responses: answers(z.object({ id: z.uuid() }), 'the mark')
		}),
		async (c) => c.json(await markRecording(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('recording.watch', {
			method: 'delete',
			path: '/recordings/{recordingId}/marks/{markId}',
			summary: 'Take a mark back',
			request: { params: MarkParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await removeMark(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.lead', {
			method: 'post',
			path: '/recordings/{recordingId}/film',
			summary: 'Have one film (MP4) made of a recording',
			request: { params: Param },
			responses: answers(Done, 'asked for')
		}),
		async (c) => {
			await requestFilm(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/recordings/{recordingId}/film',
			summary: 'How far the film of a recording is',
			request: { params: Param },
			responses: answers(z.object({ film: Film.nullable() }), 'null when nobody asked for one')
		}),
		async (c) => c.json({ film: await filmNow(c.env.ctx, c.req.valid('param')) }, 200)
	)
	.openapi(
		route('recording.watch', {
			method: 'get',
			path: '/recordings/{recordingId}/film.mp4',
			summary: 'The film of a recording',
			request: { params: Param },
			responses: bytes('video/mp4')
		}),
		async (c) => sendFilm(c.env.ctx, c.req.valid('param'), c.req.raw)
	)
	.openapi(
		route('recording.keep', {
			method: 'get',
			path: '/spaces/{spaceId}/recordings/keeping',
			summary: 'For how many days recordings of a space are kept',
			request: { params: SpaceParam },
			responses: answers(z.object({ days: z.number().nullable() }), 'null: as long as the space around it says')
		}),
		async (c) => c.json({ days: await keptIn(c.env.ctx, c.req.valid('param')) }, 200)
	)
	.openapi(
		route('recording.keep', {
			method: 'put',
			path: '/spaces/{spaceId}/recordings/keeping',
			summary: 'Say for how many days recordings of a space are kept',
			request: { params: SpaceParam, body: takes(KeepRecordings.pick({ days: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await keepRecordings(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	);
