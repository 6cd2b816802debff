import { getSchema } from '@tiptap/core';
import { Transform } from '@tiptap/pm/transform';
import { yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import type { Doc } from 'yjs';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { textOf } from '#lib/writing/document.ts';
import { form } from '#lib/writing/extensions.ts';
import { resolveSuggestions } from '#lib/writing/resolve.ts';
import { doBeside } from './beside.ts';
import { fileName, mimeTypes } from './formats.ts';
import type { Format } from './formats.ts';
import { attrsOf, children } from './json.ts';
import type { Json } from './json.ts';
import { shotType } from './pictures.ts';
import type { Shot } from './pictures.ts';

/** A text without what is only suggested in it. */
function textIn(shared: Doc): Json {
	const tr = new Transform(yXmlFragmentToProseMirrorRootNode(textOf(shared), getSchema(form())));
	resolveSuggestions(tr, false);
	return tr.doc.toJSON() as Json;
}

/** Makes a file of a text and hands it to the person. */
export async function takeAway(
	shared: Doc,
	title: string,
	format: Format,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<void> {
	const doc = textIn(shared);
	const { origin } = location;
	let made: Blob;
	if (format === 'markdown') {
		const { toMarkdown } = await import('./markdown/write.ts');
		made = new Blob([toMarkdown(doc, origin)], { type: mimeTypes.markdown });
	} else {
		const blobs = await fetched(addressesIn(doc), signal, (part) => onprogress(part * 0.3));
		if (format === 'html') {
			const { toHtml } = await import('./html/write.ts');
			const inlined = new Map(await Promise.all([...blobs].map(async ([src, blob]) => [src, await dataUrl(blob)] as const)));
			made = new Blob([toHtml(doc, title, inlined, origin)], { type: mimeTypes.html });
		} else {
			const shots = new Map<string, Shot>();
			for (const [src, blob] of blobs) {
				const shot = await shotOf(blob, format === 'pdf').catch(() => null);
				if (shot) shots.set(src, shot);
			}
			onprogress(0.3);
			const { bytes } = await doBeside<{ bytes: Uint8Array<ArrayBuffer> }>(
				{ do: format, doc, title, shots, origin },
				signal,
				(part) => onprogress(0.3 + part * 0.7)
			);
			made = new Blob([bytes], { type: mimeTypes[format] });
		}
	}
	onprogress(1);
	signal.throwIfAborted();
	const link = document.createElement('a');
	link.href = URL.createObjectURL(made);
	link.download = fileName(title, format, new Date());
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function addressesIn(doc: Json): Set<string> {
	const found = new Set<string>();
	const visit = (node: Json): void => {
		const src = node.type === 'picture' ? pictureIn(attrsOf(node)).src : null;
		if (src) found.add(src);
		for (const child of children(node)) visit(child);
	};
	visit(doc);
	return found;
}

/** Pictures by their addresses; one that cannot be fetched is left out. */
async function fetched(
	addresses: ReadonlySet<string>,
	signal: AbortSignal,
	onprogress: (part: number) => void
): Promise<Map<string, Blob>> {
	const blobs = new Map<string, Blob>();
	let done = 0;
	for (const src of addresses) {
		const response = await fetch(src, { signal }).catch(() => null);
		signal.throwIfAborted();
		if (response?.ok) blobs.set(src, await response.blob());
		onprogress(++done / addresses.size);
	}
	return blobs;
}

const dataUrl = (blob: Blob): Promise<string> =>
	new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.addEventListener('load', () => resolve(String(reader.result)));
		reader.addEventListener('error', () => reject(new Error()));
		reader.readAsDataURL(blob);
	});

/** As Word and PDF show it: of other kinds a picture is drawn anew. */
async function shotOf(blob: Blob, noGif: boolean): Promise<Shot> {
	const image = new Image();
	image.src = URL.createObjectURL(blob);
	try {
		await image.decode();
		const [width, height] = [image.naturalWidth || 300, image.naturalHeight || 150];
		const bytes = new Uint8Array(await blob.arrayBuffer());
		const type = shotType(bytes);
		if (type && !(noGif && type === 'image/gif')) return { bytes, type, width, height };
		const canvas = Object.assign(document.createElement('canvas'), { width, height });
		canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
		const drawn = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
		if (!drawn) throw new Error();
		return { bytes: new Uint8Array(await drawn.arrayBuffer()), type: 'image/png', width, height };
	} finally {
		URL.revokeObjectURL(image.src);
	}
}
