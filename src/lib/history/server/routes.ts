import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { NameVersion, NoteRestore, SetLock, versionKinds } from '../model.ts';
import { handIn, nameVersion, noteRestore, openHandIn, readLog, seeHistory, setLock } from './index.ts';

/** Beside the server's own thread. */
const zip = promisify<Uint8Array, Buffer>(gzip);

const Person = z.object({ id: z.uuid(), name: z.string().nullable() });
const Version = z
	.object({
		id: z.uuid(),
		kind: z.enum(versionKinds),
		seq: z.number(),
		name: z.string().nullable(),
		restored: z.number().nullable(),
		hash: z.string().nullable(),
		person: Person,
		at: z.iso.datetime()
	})
	.openapi('DocumentVersion', { description: '`seq` is the update of the log after which the text is that of the version.' });
const History = z
	.object({
		lastSeq: z.number(),
		people: z.array(Person),
		versions: z.array(Version),
		lock: z.object({ onHandIn: z.boolean(), lockedAt: z.iso.datetime().nullable() }),
		can: z.object({ handIn: z.boolean(), lock: z.boolean() })
	})
	.openapi('DocumentHistory');
const HandedIn = z
	.object({ version: Version, state: z.string().describe('a Yjs update, in base64'), intact: z.boolean() })
	.openapi('HandedIn', { description: 'The SHA-256 of the bytes of `state` is the `hash` of the version.' });

const DocumentParam = z.object({ documentId: z.uuid() });
const VersionParam = z.object({ documentId: z.uuid(), versionId: z.uuid() });

export const historyRoutes = newApi()
	.openapi(
		route('history.see', {
			method: 'get',
			path: '/documents/{documentId}/history',
			summary: 'Who wrote in a document, and which versions of it are kept',
			request: { params: DocumentParam },
			responses: answers(History, 'the history')
		}),
		async (c) => c.json(await seeHistory(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('history.see', {
			method: 'get',
			path: '/documents/{documentId}/log',
			summary: 'The accepted updates of a document after one of them, page by page',
			request: {
				params: DocumentParam,
				query: z.object({
					after: z
						.string()
						.regex(/^\d{1,15}$/)
						.optional()
				})
			},
			responses: {
				200: {
					description:
						'In the encoding of lib0: the number of people and their ids; then for each update its number, the place of its person, its time in milliseconds, characters inserted, deleted of own and of others, and the Yjs update. Empty of updates at the end.',
					content: { 'application/octet-stream': { schema: z.string() } }
				}
			}
		}),
		async (c) => {
			const page = await readLog(c.env.ctx, { ...c.req.valid('param'), after: c.req.valid('query').after ?? 0 });
			const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store', vary: 'accept-encoding' };
			// A log is full of the same few bytes: a third of it travels.
			if (!c.req.header('accept-encoding')?.includes('gzip')) return c.body(page as Uint8Array<ArrayBuffer>, 200, headers);
			return c.body((await zip(page)) as Uint8Array<ArrayBuffer>, 200, { ...headers, 'content-encoding': 'gzip' });
		}
	)
	.openapi(
		route('history.keep', {
			method: 'post',
			path: '/documents/{documentId}/versions',
			summary: 'Keep a moment of a document under a name',
			request: { params: DocumentParam, body: takes(NameVersion.omit({ documentId: true })) },
			responses: answers(Version, 'the version')
		}),
		async (c) => c.json(await nameVersion(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('history.keep', {
			method: 'post',
			path: '/documents/{documentId}/restores',
			summary: 'Note that a document was made again what it was once; the edit itself comes through a connection',
			request: { params: DocumentParam, body: takes(NoteRestore.omit({ documentId: true })) },
			responses: answers(Version, 'the version')
		}),
		async (c) => c.json(await noteRestore(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('history.handIn', {
			method: 'post',
			path: '/documents/{documentId}/hand-ins',
			summary: 'Hand a document in as it is now',
			request: { params: DocumentParam },
			responses: answers(Version, 'what was handed in')
		}),
		async (c) => c.json(await handIn(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('history.see', {
			method: 'get',
			path: '/documents/{documentId}/hand-ins/{versionId}',
			summary: 'What was handed in, with the state whose hash was kept',
			request: { params: VersionParam },
			responses: answers(HandedIn, 'what was handed in')
		}),
		async (c) => c.json(await openHandIn(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('history.lock', {
			method: 'patch',
			path: '/documents/{documentId}/lock',
			summary: 'Set whether handing in locks a document; lock it, or open it again',
			request: { params: DocumentParam, body: takes(SetLock.omit({ documentId: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await setLock(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	);
