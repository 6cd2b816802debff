import { getSchema } from '@tiptap/core';
import { DocumentConnection } from '#lib/documents/connection.svelte.ts';
import { documentForm } from '#lib/documents/model.ts';
import { uploadFile } from '#lib/files/upload.ts';
import { call, client } from '#lib/ui/client.ts';
import { newName } from '#lib/writing/blocks/values.ts';
import { form } from '#lib/writing/extensions.ts';
import { replaceText } from '#lib/writing/replace.ts';
import type { TextJson } from '#lib/writing/replace.ts';
import { doBeside } from './beside.ts';
import { widthOf } from './docx/read.ts';
import { fitted } from './fit.ts';
import { largest, WrongFile } from './formats.ts';
import { readHtml } from './html/read.ts';
import { attrsOf, children } from './json.ts';
import type { Json, Read } from './json.ts';
import type { Found } from './read.ts';

/** What a file holds, as the editor can hold it; its pictures are still in it. */
async function readIn(file: File, signal: AbortSignal): Promise<Read> {
	if (file.size > largest.file) throw new WrongFile('tooLarge');
	const { origin } = location;
	const bytes = new Uint8Array(await file.arrayBuffer());
	const { found } = await doBeside<{ found: Found }>({ do: 'read', bytes, name: file.name, origin }, signal);
	return found.kind === 'read' ? found.read : readHtml(found.html, getSchema(form()), origin);
}

/** The same with its pictures among the files of a document. */
async function placeIn(
	{ doc, pictures }: Read,
	documentId: string,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<TextJson[]> {
	const kept = new Map<string, Record<string, unknown>>();
	for (const [index, { key, name, bytes }] of pictures.entries()) {
		// A picture that is refused is left out; its description stays.
		const uploaded = await uploadFile(documentId, new File([bytes], name), { signal }).catch(() => null);
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
		onprogress((index + 1) / pictures.length);
	}
	const keys = new Set(pictures.map(({ key }) => key));
	return (fitted(getSchema(form()), placed(doc, keys, kept)).toJSON() as { content: TextJson[] }).content;
}

/** Makes a document in a room of a file; answers its id once its text lies on the server. When it cannot, nothing is left. */
export async function bringIn(
	file: File,
	roomId: string,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<string> {
	const read = await readIn(file, signal);
	onprogress(0.3);
	const title =
		file.name
			.replace(/\.[a-z0-9]{1,8}$/i, '')
			.trim()
			.slice(0, 80) || '文档';
	const made = await call(client.rooms[':roomId'].documents.$post({ param: { roomId }, json: { kind: 'text', title } }));
	try {
		const content = await placeIn(read, made.id, signal, (part) => onprogress(0.3 + 0.5 * part));
		await write(made.id, content, signal);
	} catch (error) {
		// Whoever is without a line now leaves an empty document; everybody else does not.
		await call(client.documents[':documentId'].$delete({ param: { documentId: made.id } })).catch(() => undefined);
		throw error;
	}
	return made.id;
}

/** What a file holds for a text that is open: blocks for where its caret is, and notes for its end. */
export async function readFor(
	file: File,
	documentId: string,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<{ content: TextJson[]; notes: TextJson[] }> {
	const read = await readIn(file, signal);
	onprogress(0.3);
	const all = renamed(await placeIn(read, documentId, signal, (part) => onprogress(0.3 + 0.6 * part)));
	signal.throwIfAborted();
	const isNote = ({ type }: TextJson) => type === 'note';
	return { content: all.filter((node) => !isNote(node)), notes: all.filter(isNote) };
}

/** Notes under new names: the text may have some that are called the same, as when a file is put in twice. */
function renamed(content: TextJson[]): TextJson[] {
	const names = new Map<unknown, string>();
	const rename = (node: TextJson): TextJson => {
		const inside = node.content ? { content: node.content.map(rename) } : {};
		if (node.type !== 'note' && node.type !== 'footnote') return { ...node, ...inside };
		const id = names.get(node.attrs?.id) ?? newName();
		names.set(node.attrs?.id, id);
		return { ...node, ...inside, attrs: { ...node.attrs, id } };
	};
	return content.map(rename);
}

async function write(documentId: string, content: TextJson[], signal: AbortSignal): Promise<void> {
	const connection = new DocumentConnection({
		documentId,
		origin: location.origin.replace(/^http/, 'ws'),
		right: 'write',
		token: () => call(client.documents[':documentId'].token.$post({ param: { documentId }, query: { form: documentForm } }))
	});
	try {
		await until(() => connection.loaded, connection, signal);
		replaceText(connection.doc, content);
		await until(() => connection.unsaved === 0, connection, signal);
	} finally {
		connection.close();
	}
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
