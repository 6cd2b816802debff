import { z } from '@hono/zod-openapi';
import { documentKinds } from '#lib/documents/model.ts';
import { verbs } from '#lib/records/vocabulary.ts';
import type { RecordVerb } from '#lib/records/vocabulary.ts';
import { roomKinds } from '#lib/rooms/model.ts';
import { answers, newApi, route } from '#lib/server/route.ts';
import { Role } from '#lib/spaces/model.ts';
import { AnalyseRoom, ListEvents, measures } from '../model.ts';
import { layers } from '../replies.ts';
import { analyseRoom, exportEvents, listEvents, listSessions } from './index.ts';

const Milliseconds = z.number().describe('milliseconds');
const Stretches = z.array(z.number()).describe('milliseconds since the beginning of the extent: start, end, start, end …');
const Moments = z.array(z.number()).describe('milliseconds since the beginning of the extent');
const Period = z.object({ from: z.iso.datetime(), to: z.iso.datetime() });

const Session = z
	.object({ id: z.uuid(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(), people: z.int() })
	.openapi('Session');
const Equality = z
	.object({
		people: z.int(),
		total: z.number(),
		gini: z.number().nullable(),
		corrected: z.number().nullable(),
		evenness: z.number().nullable(),
		largestShare: z.number().nullable(),
		holdHalf: z.int().nullable(),
		lorenz: z.array(z.number()).nullable()
	})
	.openapi('Equality', { description: 'How evenly something is spread; null where it is not defined' });
const Speaking = z
	.object({
		people: z.array(
			z.object({
				personId: z.uuid(),
				talk: Milliseconds,
				share: z.number().nullable(),
				turns: z.int(),
				backchannels: z.int(),
				interruptions: z.int(),
				longestTurn: Milliseconds.nullable()
			})
		),
		span: Milliseconds,
		solo: Milliseconds,
		overlap: Milliseconds,
		silence: Milliseconds,
		talk: Milliseconds,
		turns: z.int()
	})
	.openapi('Speaking');
const Replies = z
	.object({
		nodes: z.array(z.object({ personId: z.uuid(), inDegree: z.int(), outDegree: z.int(), received: z.int(), given: z.int() })),
		ties: z.array(z.object({ from: z.uuid(), to: z.uuid(), chat: z.int(), speech: z.int(), doc: z.int(), weight: z.int() })),
		toOneself: z.int(),
		density: z.number().nullable(),
		reciprocity: z.number().nullable()
	})
	.openapi('ReplyNetwork');
const DocumentReport = z
	.object({
		id: z.uuid(),
		title: z.string().nullable(),
		kind: z.enum(documentKinds),
		people: z.array(
			z.object({
				personId: z.uuid(),
				inserted: z.int(),
				deletedOwn: z.int(),
				deletedOthers: z.int(),
				created: z.int(),
				moved: z.int(),
				linked: z.int(),
				removed: z.int()
			})
		)
	})
	.openapi('DocumentReport');
const Report = z
	.object({
		extent: Period,
		window: Period,
		events: z.int(),
		people: z.array(
			z.object({
				id: z.uuid(),
				name: z.string().nullable(),
				role: Role,
				here: z.boolean(),
				messages: z.int(),
				characters: z.int(),
				nodes: z.int()
			})
		),
		lanes: z.array(
			z.object({ personId: z.uuid(), presence: Stretches, speech: Stretches, doc: Stretches, chat: Moments, map: Moments })
		),
		speaking: Speaking,
		ties: z.array(z.enum(layers)),
		replies: Replies,
		documents: z.array(DocumentReport),
		equality: z.array(z.object({ measure: z.enum(measures), everyone: Equality, learners: Equality })),
		settings: z.object({
			speaking: z.object({
				joinGap: Milliseconds,
				backchannelUnder: Milliseconds,
				interruptionOver: Milliseconds,
				overlapFrom: z.int()
			}),
			replies: z.object({ followWithin: Milliseconds })
		})
	})
	.openapi('Report');
const Analysis = z
	.object({
		room: z.object({ id: z.uuid(), title: z.string(), kind: z.enum(roomKinds) }),
		session: Session.nullable(),
		report: Report.nullable()
	})
	.openapi('RoomAnalysis');

const Person = z.object({ id: z.uuid(), name: z.string().nullable() });
const Event = z
	.object({
		id: z.uuid(),
		startedAt: z.iso.datetime(),
		endedAt: z.iso.datetime(),
		person: Person,
		role: Role,
		verb: z.enum(Object.keys(verbs) as [RecordVerb, ...RecordVerb[]]),
		target: Person.nullable(),
		document: z.object({ id: z.uuid(), title: z.string().nullable() }).nullable(),
		amount: z.int().describe('characters, nodes or milliseconds, as the verb says'),
		inserted: z.int(),
		deletedOwn: z.int(),
		deletedOthers: z.int()
	})
	.openapi('Event');
const Events = z
	.object({ events: z.array(Event), total: z.int(), sum: z.number().nullable(), next: z.string().nullable() })
	.openapi('EventPage');

const RoomParam = z.object({ roomId: z.uuid() });
const Filter = ListEvents.omit({ roomId: true });

export const analysisRoutes = newApi()
	.openapi(
		route('room.analyse', {
			method: 'get',
			path: '/rooms/{roomId}/analysis',
			summary: 'How people interacted in a session or window of time',
			request: { params: RoomParam, query: AnalyseRoom.omit({ roomId: true }) },
			responses: answers(Analysis, 'the analysis; its report is null when nobody has been in the room yet')
		}),
		async (c) => c.json(await analyseRoom(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('room.analyse', {
			method: 'get',
			path: '/rooms/{roomId}/analysis/sessions',
			summary: 'The sessions of a room, newest first',
			request: { params: RoomParam },
			responses: answers(z.array(Session), 'sessions')
		}),
		async (c) => c.json(await listSessions(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('room.analyse', {
			method: 'get',
			path: '/rooms/{roomId}/analysis/events',
			summary: 'The events behind a number, page by page',
			request: { params: RoomParam, query: Filter },
			responses: answers(Events, 'events')
		}),
		async (c) => c.json(await listEvents(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('room.analyse', {
			method: 'get',
			path: '/rooms/{roomId}/analysis/events.csv',
			summary: 'The events behind a number as a file',
			request: { params: RoomParam, query: Filter },
			responses: { 200: { description: 'CSV with a heading line, UTF-8', content: { 'text/csv': { schema: z.string() } } } }
		}),
		async (c) => {
			const csv = await exportEvents(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') });
			return c.body(csv, 200, {
				'content-type': 'text/csv; charset=utf-8',
				'content-disposition': `attachment; filename="events-${c.req.valid('param').roomId}.csv"`
			});
		}
	);
