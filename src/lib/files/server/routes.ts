import { z } from '@hono/zod-openapi';
import { Invalid } from '#lib/server/errors.ts';
import { answers, newApi, route } from '#lib/server/route.ts';
import { fileUrl } from '../model.ts';
import { beginUpload, dropUpload, finishUpload, listFiles, receiveUpload, sendFile } from './index.ts';

const File = z
	.object({
		id: z.uuid(),
		url: z.string(),
		name: z.string(),
		type: z.string(),
		bytes: z.int(),
		width: z.int().optional(),
		height: z.int().optional()
	})
	.openapi('File');
const DocumentParam = z.object({ documentId: z.uuid() });
const RoomParam = z.object({ roomId: z.uuid() });
const FileParam = z.object({ fileId: z.uuid() });

const tusHeaders = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' };

export const filesRoutes = newApi()
	.openapi(
		route('document.read', {
			method: 'get',
			path: '/documents/{documentId}/files',
			summary: 'The files of the documents that lie on the same table: what can be linked in it',
			request: { params: DocumentParam },
			responses: answers(z.array(File), 'the files, the newest first')
		}),
		async (c) => c.json(await listFiles(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('document.write', {
			method: 'post',
			path: '/documents/{documentId}/files',
			summary:
				'Begin to bring a file into a document: creation of tus 1.0, with Upload-Length and the filename in Upload-Metadata',
			request: { params: DocumentParam },
			responses: { 201: { description: 'Location is where the bytes go' } }
		}),
		async (c) => {
			const id = await beginUpload(c.env.ctx, { ...c.req.valid('param'), ...announced(c.req.raw.headers) });
			return c.body(null, 201, { ...tusHeaders, location: `${fileUrl(id)}/upload` });
		}
	)
	.openapi(
		route('room.lead', {
			method: 'post',
			path: '/rooms/{roomId}/files',
			summary: 'Begin to bring a file into a room: creation of tus 1.0, as into a document',
			request: { params: RoomParam },
			responses: { 201: { description: 'Location is where the bytes go' } }
		}),
		async (c) => {
			const id = await beginUpload(c.env.ctx, { ...c.req.valid('param'), ...announced(c.req.raw.headers) });
			return c.body(null, 201, { ...tusHeaders, location: `${fileUrl(id)}/upload` });
		}
	)
	.openapi(
		route('document.write', {
			method: 'get',
			path: '/files/{fileId}/upload',
			summary: 'HEAD: how much of an upload is there (tus 1.0)',
			request: { params: FileParam },
			responses: { 200: { description: 'Upload-Offset and Upload-Length' } }
		}),
		async (c) => receiveUpload(c.env.ctx, c.req.valid('param'), c.req.raw)
	)
	.openapi(
		route('document.write', {
			method: 'patch',
			path: '/files/{fileId}/upload',
			summary: 'Bring the next part of an upload (tus 1.0), of at most 6 MB',
			request: { params: FileParam },
			responses: { 204: { description: 'Upload-Offset is how much is there now' } }
		}),
		async (c) => receiveUpload(c.env.ctx, c.req.valid('param'), c.req.raw)
	)
	.openapi(
		route('document.write', {
			method: 'delete',
			path: '/files/{fileId}/upload',
			summary: 'Give up an upload (tus 1.0)',
			request: { params: FileParam },
			responses: { 204: { description: 'nothing of it is left' } }
		}),
		async (c) => {
			await dropUpload(c.env.ctx, c.req.valid('param'));
			return c.body(null, 204, tusHeaders);
		}
	)
	.openapi(
		route('document.write', {
			method: 'post',
			path: '/files/{fileId}/finish',
			summary: 'Make a file of an upload that arrived whole',
			request: { params: FileParam },
			responses: answers(File, 'the file')
		}),
		async (c) => c.json(await finishUpload(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('document.read', {
			method: 'get',
			path: '/files/{fileId}',
			summary: 'The bytes of a file, or a part of them by Range',
			request: { params: FileParam, query: z.object({ download: z.literal('1').optional() }) },
			responses: { 200: { description: 'the file', content: { 'application/octet-stream': { schema: z.string() } } } }
		}),
		async (c) =>
			sendFile(c.env.ctx, { ...c.req.valid('param'), download: c.req.valid('query').download !== undefined }, c.req.raw)
	);

/** What the headers of tus say of the file that will come. */
function announced(headers: Headers): { name: string; bytes: number } {
	const bytes = /^\d{1,15}$/.exec(headers.get('upload-length') ?? '')?.[0];
	return { name: filenameOf(headers.get('upload-metadata') ?? ''), bytes: bytes === undefined ? -1 : Number(bytes) };
}

/** The name in the metadata of tus: pairs of a key and a value in base64. */
function filenameOf(metadata: string): string {
	const value = /(?:^|,)\s*(?:filename|name)\s+([A-Za-z0-9+/=]{1,4000})\s*(?:,|$)/.exec(metadata)?.[1];
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value ?? '', 'base64'));
	} catch {
		throw new Invalid();
	}
}
