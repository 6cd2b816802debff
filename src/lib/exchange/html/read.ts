import { DOMParser as TextParser } from '@tiptap/pm/model';
import type { Schema } from '@tiptap/pm/model';
import { largest, mostBlocks, mostPictures, WrongFile } from '../formats.ts';
import type { Json, Picture, Read } from '../json.ts';
import { pictureEnding } from '../pictures.ts';

/** An address that no file of a document has, for a picture that is still on its way there. */
const placeholder = (at: number) => `/api/v1/files/00000000-0000-0000-0000-${String(at).padStart(12, '0')}`;

/** Reads HTML as the editor reads what is pasted: nothing of it runs, and nothing is fetched. */
export function readHtml(html: string, schema: Schema, origin: string): Read {
	// A document of its own, in which no script runs and no picture is fetched.
	const page = new DOMParser().parseFromString(html, 'text/html');
	const pictures: Picture[] = [];
	let bytes = 0;
	for (const image of page.querySelectorAll('img')) {
		const src = image.getAttribute('src') ?? '';
		const data = /^data:image\/[a-z+.-]+;base64,([a-z0-9+/=\s]+)$/i.exec(src)?.[1];
		if (data && pictures.length < mostPictures) {
			const picture = decoded(data);
			const ending = picture && pictureEnding(picture);
			bytes += picture?.length ?? 0;
			if (bytes > largest.unpacked) throw new WrongFile('tooLarge');
			if (picture && ending) {
				const key = placeholder(pictures.length);
				image.setAttribute('src', key);
				pictures.push({
					key,
					bytes: picture,
					name: `${image.dataset.name?.replace(/\.[a-z0-9]{2,5}$/i, '') || `图片 ${pictures.length + 1}`}.${ending}`
				});
				continue;
			}
		}
		if (!src.startsWith('/api/v1/files/')) image.replaceWith(page.createTextNode(image.alt ? `［${image.alt}］` : ''));
	}
	for (const link of page.querySelectorAll('a[href]')) {
		const href = link.getAttribute('href') ?? '';
		if (href.startsWith(`${origin}/`)) link.setAttribute('href', href.slice(origin.length));
	}
	for (const hidden of page.querySelectorAll('script, style, template, noscript, iframe, object, annotation')) hidden.remove();
	if (page.body.querySelectorAll('p, li, td, th, h1, h2, h3, h4, h5, h6, pre, div, br, hr').length > mostBlocks)
		throw new WrongFile('tooLong');
	let doc: Json;
	try {
		doc = TextParser.fromSchema(schema).parse(page.body).toJSON() as Json;
	} catch (error) {
		// Deeper than any text is.
		throw error instanceof RangeError ? new WrongFile('tooLong') : error;
	}
	if (!page.body.textContent?.trim() && pictures.length === 0) throw new WrongFile('empty');
	return { doc, pictures, title: page.title.trim().slice(0, 200) || null };
}

function decoded(data: string): Uint8Array<ArrayBuffer> | null {
	try {
		return Uint8Array.from(atob(data.replace(/\s/g, '')), (sign) => sign.charCodeAt(0));
	} catch {
		return null;
	}
}
