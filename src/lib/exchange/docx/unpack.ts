import { unzipSync } from 'fflate';
import { elements, parseXml } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';
import { largest, mostPictures, WrongFile } from '../formats.ts';

/** More elements than a thousand pages have. */
const mostElements = 2_500_000;
const mostFiles = 4_000;

export interface Package {
	document: Element;
	/** Parts by their names; null for what is missing or broken: a text is read without it. */
	part: (name: string) => Element | null;
	bytes: (name: string) => Uint8Array<ArrayBuffer> | null;
	/** What the relations of a part lead to, by their ids. */
	relations: (name: string) => Map<string, { target: string; external: boolean }>;
}

/** Opens a file of Word; nothing is unpacked before it is known how large it gets. */
export function unpack(file: Uint8Array): Package {
	let whole = 0;
	let text = 0;
	let count = 0;
	let pictures = 0;
	let files: Record<string, Uint8Array>;
	try {
		files = unzipSync(file, {
			filter: ({ name, originalSize }) => {
				if (++count > mostFiles) throw new WrongFile('bomb');
				if (/vbaProject\.bin$/i.test(name)) throw new WrongFile('macros');
				const isXml = /\.(xml|rels)$/i.test(name);
				const isMedia = /^word\/media\/[^/]+$/i.test(name);
				if (!isXml && (!isMedia || ++pictures > mostPictures)) return false;
				whole += originalSize;
				if (isXml) text += originalSize;
				if (whole > largest.unpacked || text > largest.text) throw new WrongFile('bomb');
				return true;
			}
		});
	} catch (error) {
		throw error instanceof WrongFile ? error : new WrongFile('broken');
	}
	const names = new Map(Object.keys(files).map((name) => [name.toLowerCase().replace(/^\//, ''), name]));
	const bytes = (name: string) => (files[names.get(name.toLowerCase()) ?? ''] ?? null) as Uint8Array<ArrayBuffer> | null;
	const read = (name: string): Element | null => {
		const found = bytes(name);
		if (!found) return null;
		const isWide = (found[0] === 0xff && found[1] === 0xfe) || (found[0] === 0xfe && found[1] === 0xff);
		return parseXml(
			new TextDecoder(isWide ? (found[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(found),
			mostElements
		);
	};
	const part = (name: string) => {
		try {
			return read(name);
		} catch {
			return null;
		}
	};
	const types = part('[Content_Types].xml');
	const main =
		types &&
		elements(types, 'Override').find(({ attributes }) =>
			/wordprocessingml\.(document|template)\.main\+xml$/.test(attributes.get('ContentType') ?? '')
		);
	if (types && elements(types, 'Override').some(({ attributes }) => /macroEnabled/i.test(attributes.get('ContentType') ?? '')))
		throw new WrongFile('macros');
	const place = (main?.attributes.get('PartName') ?? '/word/document.xml').replace(/^\//, '');
	if (!bytes(place)) throw new WrongFile(types ? 'unknown' : 'broken');
	let document: Element | null;
	try {
		document = read(place);
	} catch {
		throw new WrongFile('broken');
	}
	if (document?.name !== 'document') throw new WrongFile('broken');
	return {
		document,
		part,
		bytes,
		relations: (name) => {
			const [, folder = '', base = ''] = /^(.*\/)?([^/]+)$/.exec(name) ?? [];
			const found = part(`${folder}_rels/${base}.rels`);
			return new Map(
				found
					? elements(found, 'Relationship').map(({ attributes }) => [
							attributes.get('Id') ?? '',
							{ target: attributes.get('Target') ?? '', external: attributes.get('TargetMode') === 'External' }
						])
					: []
			);
		}
	};
}
