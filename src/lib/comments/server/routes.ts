import { z } from '@hono/zod-openapi';
import { answers, newApi, route, takes } from '#lib/server/route.ts';
import { roles } from '#lib/spaces/model.ts';
import { BeginThread, EditReply, ReplyTo, ResolveThread } from '../model.ts';
import { beginThread, editReply, listThreads, removeReply, replyTo, resolveThread, seeThread } from './index.ts';

const Person = z.object({ id: z.uuid(), name: z.string().nullable() });
const Thread = z
	.object({
		id: z.uuid(),
		anchor: z.object({ from: z.string(), to: z.string() }),
		quote: z.string(),
		resolved: z.object({ at: z.iso.datetime(), by: Person }).nullable(),
		replies: z.array(
			z.object({
				id: z.uuid(),
				person: Person,
				role: z.enum(roles),
				text: z.string(),
				proposal: z.string().nullable(),
				named: z.array(z.uuid()).nullable(),
				at: z.iso.datetime(),
				editedAt: z.iso.datetime().nullable(),
				deletedAt: z.iso.datetime().nullable(),
				can: z.object({ edit: z.boolean(), remove: z.boolean() })
			})
		)
	})
	.openapi('CommentThread', { description: '`anchor` holds two relative positions of Yjs, in base64.' });
const Page = z
	.object({ threads: z.array(Thread), next: z.string().nullable(), can: z.object({ comment: z.boolean() }) })
	.openapi('CommentThreads');

const DocumentParam = z.object({ documentId: z.uuid() });
const ThreadParam = z.object({ documentId: z.uuid(), threadId: z.uuid() });
const ReplyParam = z.object({ documentId: z.uuid(), threadId: z.uuid(), replyId: z.uuid() });

export const commentsRoutes = newApi()
	.openapi(
		route('comment.see', {
			method: 'get',
			path: '/documents/{documentId}/comments',
			summary: 'What is said about a document, a page of threads at a time',
			request: { params: DocumentParam, query: z.object({ after: z.uuid().optional() }) },
			responses: answers(Page, 'threads')
		}),
		async (c) => c.json(await listThreads(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('comment.see', {
			method: 'get',
			path: '/documents/{documentId}/comments/{threadId}',
			summary: 'One thread',
			request: { params: ThreadParam },
			responses: answers(Thread, 'the thread')
		}),
		async (c) => c.json(await seeThread(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('comment.write', {
			method: 'post',
			path: '/documents/{documentId}/comments',
			summary: 'Say something about a place in a document',
			request: { params: DocumentParam, body: takes(BeginThread.omit({ documentId: true })) },
			responses: answers(Thread, 'the new thread')
		}),
		async (c) => c.json(await beginThread(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('comment.write', {
			method: 'post',
			path: '/documents/{documentId}/comments/{threadId}/replies',
			summary: 'Answer in a thread',
			request: { params: ThreadParam, body: takes(ReplyTo.omit({ documentId: true, threadId: true })) },
			responses: answers(Thread, 'the thread')
		}),
		async (c) => c.json(await replyTo(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('comment.write', {
			method: 'patch',
			path: '/documents/{documentId}/comments/{threadId}',
			summary: 'Say that a thread is dealt with, or open it again',
			request: { params: ThreadParam, body: takes(ResolveThread.omit({ documentId: true, threadId: true })) },
			responses: answers(Thread, 'the thread')
		}),
		async (c) => c.json(await resolveThread(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('comment.write', {
			method: 'patch',
			path: '/documents/{documentId}/comments/{threadId}/replies/{replyId}',
			summary: 'Say it otherwise: one’s own words only',
			request: { params: ReplyParam, body: takes(EditReply.omit({ documentId: true, threadId: true, replyId: true })) },
			responses: answers(Thread, 'the thread')
		}),
		async (c) => c.json(await editReply(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('comment.write', {
			method: 'delete',
			path: '/documents/{documentId}/comments/{threadId}/replies/{replyId}',
			summary: 'Take back what one has said; a teacher takes away anybody’s words',
			request: { params: ReplyParam },
			responses: answers(Thread, 'the thread')
		}),
		async (c) => c.json(await removeReply(c.env.ctx, c.req.valid('param')), 200)
	);
