import type { Cutting } from '../branches.ts';
import type { Sprout } from '../document.ts';
import type { Layout, MapImage } from '../forest.ts';
import { fromFreemind } from './freemind.ts';
import { everyBranch, WrongFile } from './imported.ts';
import type { ImportedMap } from './imported.ts';
import { fromOpml } from './opml.ts';
import { fromMarkdown } from './text.ts';
import { fromXmind } from './xmind.ts';
import { parseXml } from './xml.ts';

/** The largest file, in bytes. */
const largest = 60 * 1024 * 1024;
const largestText = 20 * 1024 * 1024;

/** Reads a map of any known format by what is in it; throws a `WrongFile` with a sentence. */
export async function readMap(bytes: Uint8Array, name: string): Promise<ImportedMap> {
	if (bytes.length > largest) throw new WrongFile('tooLarge');
	let map: ImportedMap;
	try {
		map = await readKnown(bytes, name);
	} catch (error) {
		throw error instanceof WrongFile ? error : new WrongFile('garbage');
	}
	if (map.branches.length === 0) throw new WrongFile('empty');
	return map;
}

async function readKnown(bytes: Uint8Array, name: string): Promise<ImportedMap> {
	if (bytes[0] === 0x50 && bytes[1] === 0x4b) return fromXmind(bytes);
	if (bytes.length > largestText) throw new WrongFile('tooLarge');
	const text = textIn(bytes);
	if (/^\s*</.test(text)) {
		const root = parseXml(text);
		return root.name === 'opml' ? fromOpml(root) : fromFreemind(root);
	}
	if (/\.(md|markdown|txt)$/i.test(name) && !text.includes('\0')) return fromMarkdown(text);
	throw new WrongFile('unknown');
}

function textIn(bytes: Uint8Array): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		// What older Chinese programs write.
		return new TextDecoder('gb18030').decode(bytes);
	}
}

/** Reads a file, and brings its pictures in; one that cannot be brought in is left out. */
export async function bringIn(
	file: File,
	upload: (file: File) => Promise<MapImage>
): Promise<{ cutting: Cutting; layout: Layout | null }> {
	if (file.size > largest) throw new WrongFile('tooLarge');
	const { branches, relations, layout } = await readMap(new Uint8Array(await file.arrayBuffer()), file.name);
	for (const branch of everyBranch(branches)) {
		if (!branch.picture) continue;
		const { bytes, name, type } = branch.picture;
		delete branch.picture;
		branch.image = await upload(new File([bytes], name, { type })).catch(() => undefined);
	}
	return { cutting: { branches: branches as Sprout[], relations }, layout };
}
