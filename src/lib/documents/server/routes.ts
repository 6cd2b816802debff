import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { Role } from '#lib/spaces/model.ts';
import { CreateDocument, documentKinds, documentRights, OpenDocument, RenameDocument } from '../model.ts';
import { archiveDocument, createDocument, issueToken, listAuthors, listDocuments, renameDocument, seeAround } from './index.ts';

const Document = z
	.object({
		id: z.uuid(),
		roomId: z.uuid(),
		kind: z.enum(documentKinds),
		title: z.string(),
		createdAt: z.iso.datetime(),
		lockedAt: z.iso.datetime().nullable(),
		can: z.object({ read: z.boolean(), write: z.boolean(), change: z.boolean() })
	})
	.openapi('Document');
const Token = z
	.object({ token: z.string(), right: z.enum(documentRights), expiresAt: z.iso.datetime() })
	.openapi('DocumentToken', {
		description: 'Offered as the second WebSocket subprotocol at /collab/{documentId}; opens one connection.'
	});

const Authors = z
	.object({
		people: z.array(z.object({ id: z.uuid(), name: z.string().nullable() })),
		clients: z.array(z.object({ client: z.number(), personId: z.uuid() })),
		moved: z.array(z.object({ client: z.number(), clock: z.number(), length: z.number(), personId: z.string() }))
	})
	.openapi('DocumentAuthors', { description: 'Clocks and lengths as Yjs counts them.' });

const Around = z
	.object({
		roomId: z.uuid(),
		people: z.array(z.object({ id: z.uuid(), name: z.string(), role: Role, tail: z.string().nullable() })),
		documents: z.array(z.object({ id: z.uuid(), kind: z.enum(documentKinds), title: z.string() }))
	})
	.openapi('DocumentAround');

const RoomParam = z.object({ roomId: z.uuid() });
const DocumentParam = z.object({ documentId: z.uuid() });

export const documentsRoutes = newApi()
	.openapi(
		route('document.read', {
			method: 'get',
			path: '/rooms/{roomId}/documents',
			summary: 'The documents on the table of a room',
			request: { params: RoomParam },
			responses: answers(z.array(Document), 'documents')
		}),
		async (c) => c.json(await listDocuments(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('document.create', {
			method: 'post',
			path: '/rooms/{roomId}/documents',
			summary: 'Put a new document on the table of a room',
			request: { params: RoomParam, body: takes(CreateDocument.omit({ roomId: true })) },
			responses: answers(Document, 'the new document')
		}),
		async (c) => c.json(await createDocument(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('document.change', {
			method: 'patch',
			path: '/documents/{documentId}',
			summary: 'Give a document another title',
			request: { params: DocumentParam, body: takes(RenameDocument.omit({ documentId: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await renameDocument(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('document.change', {
			method: 'delete',
			path: '/documents/{documentId}',
			summary: 'Take a document off the table; its content stays',
			request: { params: DocumentParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await archiveDocument(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('document.read', {
			method: 'get',
			path: '/documents/{documentId}/around',
			summary: 'Who may read a document, and what lies on the same table: what can be named in it',
			request: { params: DocumentParam },
			responses: answers(Around, 'its surroundings')
		}),
		async (c) => c.json(await seeAround(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('document.read', {
			method: 'post',
			path: '/documents/{documentId}/token',
			summary: 'A token that opens one connection to a document within a minute',
			request: { params: DocumentParam, query: OpenDocument.pick({ form: true, only: true }) },
			responses: answers(Token, 'the token')
		}),
		async (c) => c.json(await issueToken(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('document.read', {
			method: 'get',
			path: '/documents/{documentId}/authors',
			summary: 'Who wrote under which Yjs client id, and whose text was moved',
			request: { params: DocumentParam },
			responses: answers(Authors, 'the authors')
		}),
		async (c) => c.json(await listAuthors(c.env.ctx, c.req.valid('param')), 200)
	);
