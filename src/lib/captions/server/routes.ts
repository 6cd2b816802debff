import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { SwitchCaptions } from '../model.ts';
import { openNotes, readCaptions, seeNotes, switchCaptions } from './index.ts';

const Caption = z.object({
	id: z.uuid(),
	personId: z.uuid(),
	name: z.string(),
	from: z.number().describe('seconds from the beginning of the session'),
	to: z.number(),
	text: z.string()
});
const Now = z
	.object({ documentId: z.uuid().nullable(), available: z.boolean(), on: z.boolean(), captions: z.array(Caption) })
	.openapi('NotesNow');
const OfSession = z
	.object({ documentId: z.uuid().nullable(), captions: z.array(Caption), more: z.boolean() })
	.openapi('SessionNotes');
const Opened = z.object({ documentId: z.uuid() }).openapi('Notes');
const RoomParam = z.object({ roomId: z.uuid() });
const SessionParam = RoomParam.extend({ sessionId: z.uuid() });
const Search = z.object({ q: z.string().max(100).optional(), after: z.string().max(20).optional() });

export const captionsRoutes = newApi()
	.openapi(
		route('caption.see', {
			method: 'get',
			path: '/rooms/{roomId}/captions',
			summary: 'The notes of the session that goes on, and what was said last',
			request: { params: RoomParam },
			responses: answers(Now, 'notes and captions')
		}),
		async (c) => c.json(await seeNotes(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('caption.lead', {
			method: 'post',
			path: '/rooms/{roomId}/captions/switch',
			summary: 'Say whether speech becomes text in the session that goes on',
			request: { params: RoomParam, body: takes(SwitchCaptions.omit({ roomId: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await switchCaptions(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('document.create', {
			method: 'post',
			path: '/rooms/{roomId}/session-notes',
			summary: 'Open the text for notes of the session that goes on',
			request: { params: RoomParam },
			responses: answers(Opened, 'the text')
		}),
		async (c) => c.json(await openNotes(c.env.ctx, c.req.valid('param'), c.env.locale), 200)
	)
	.openapi(
		route('caption.see', {
			method: 'get',
			path: '/rooms/{roomId}/sessions/{sessionId}/captions',
			summary: 'What was said in a session, by time, and its notes',
			request: { params: SessionParam, query: Search },
			responses: answers(OfSession, 'captions')
		}),
		async (c) => {
			const { q, after } = c.req.valid('query');
			const asked = { ...(q !== undefined && { q }), ...(after !== undefined && { after: Number(after) }) };
			return c.json(await readCaptions(c.env.ctx, { ...c.req.valid('param'), ...asked }), 200);
		}
	);
