import { getSchema } from '@tiptap/core';
import { DocumentConnection } from '#lib/documents/connection.svelte.ts';
import { documentForm } from '#lib/documents/model.ts';
import { uploadFile } from '#lib/files/upload.ts';
import { call, client } from '#lib/ui/client.ts';
import { form } from '#lib/writing/extensions.ts';
import { replaceText } from '#lib/writing/replace.ts';
import type { TextJson } from '#lib/writing/replace.ts';
import { doBeside } from './beside.ts';
import { widthOf } from './docx/read.ts';
import { fitted } from './fit.ts';
import { largest, WrongFile } from './formats.ts';
import { readHtml } from './html/read.ts';
import { attrsOf, children } from './json.ts';
import type { Json } from './json.ts';
import type { Found } from './read.ts';

/** Makes a document in a room of a file; answers its id once its text lies on the server. */
export async function bringIn(
	file: File,
	roomId: string,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<string> {
	if (file.size > largest.file) throw new WrongFile('tooLarge');
	const { origin } = location;
	const schema = getSchema(form());
	const bytes = new Uint8Array(await file.arrayBuffer());
	const { found } = await doBeside<{ found: Found }>({ do: 'read', bytes, name: file.name, origin }, signal);
	const { doc, pictures } = found.kind === 'read' ? found.read : readHtml(found.html, schema, origin);
	onprogress(0.3);
	const title =
		file.name
			.replace(/\.[a-z0-9]{1,8}$/i, '')
			.trim()
			.slice(0, 80) || '文档';
	const made = await call(client.rooms[':roomId'].documents.$post({ param: { roomId }, json: { kind: 'text', title } }));
	const kept = new Map<string, Record<string, unknown>>();
	for (const { key, name, bytes } of pictures) {
		// A picture that is refused is left out; its description stays.
		const uploaded = await uploadFile(made.id, new File([bytes], name), { signal }).catch(() => null);
		signal.throwIfAborted();
		if (uploaded?.width)
			kept.set(key, {
				src: uploaded.url,
				w: uploaded.width,
				h: uploaded.height,
				name: uploaded.name,
				bytes: uploaded.bytes,
				type: uploaded.type
			});
		onprogress(0.3 + (0.5 * kept.size) / pictures.length);
	}
	const keys = new Set(pictures.map(({ key }) => key));
	const text = fitted(schema, placed(doc, keys, kept));
	const connection = new DocumentConnection({
		documentId: made.id,
		origin: origin.replace(/^http/, 'ws'),
		right: 'write',
		token: () =>
			call(client.documents[':documentId'].token.$post({ param: { documentId: made.id }, query: { form: documentForm } }))
	});
	try {
		await until(() => connection.loaded, connection, signal);
		replaceText(connection.doc, (text.toJSON() as { content: TextJson[] }).content);
		onprogress(0.9);
		await until(() => connection.unsaved === 0, connection, signal);
	} finally {
		connection.close();
	}
	return made.id;
}

/** Waits until something is so; fails when the line ends for good, or the server refuses. */
const until = (holds: () => boolean, connection: DocumentConnection, signal: AbortSignal): Promise<void> =>
	new Promise<void>((resolve, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
		const stop = $effect.root(() => {
			$effect(() => {
				if (connection.ended !== null || connection.save.kind === 'refused') reject(new WrongFile('tooLong'));
				else if (holds()) resolve();
				else return;
				queueMicrotask(() => stop());
			});
		});
	});

/** Pictures at their new addresses. */
function placed(node: Json, keys: ReadonlySet<string>, kept: ReadonlyMap<string, Record<string, unknown>>): Json {
	const content = children(node).map((child) => placed(child, keys, kept));
	const all = { ...node, ...(content.length > 0 ? { content } : {}) };
	if (node.type !== 'picture') return all;
	const { shown, ...attrs } = attrsOf(node);
	const key = String(attrs.src);
	if (!keys.has(key)) return { ...all, attrs };
	const file = kept.get(key);
	if (!file)
		return {
			type: 'paragraph',
			content: [{ type: 'text', text: `［${String(attrs.alt || attrs.name || '图片')}］` }, ...content]
		};
	const width = shown === undefined || shown === null ? (attrs.width ?? null) : widthOf(shown, Number(file.w));
	return { ...all, attrs: { ...attrs, ...file, width } };
}
