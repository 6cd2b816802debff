import { sproutOf } from '../branches.ts';
import type { Forest, Layout } from '../forest.ts';
import { paintWhole } from '../paint.ts';
import type { Painting } from '../paint.ts';
import { widthIn } from '../size.ts';
import { toFreemind } from './freemind.ts';
import { endings } from './kinds.ts';
import type { ExportKind } from './kinds.ts';
import { toOpml } from './opml.ts';
import { toSvg } from './svg.ts';
import { toMarkdown } from './text.ts';
import { toXmind } from './xmind.ts';
import { formulasOf } from '../typeset.ts';
import type { Formulas } from '../typeset.ts';

/** Makes a file of a map and hands it to the person. */
export async function takeAway(
	kind: ExportKind,
	title: string,
	shown: Forest,
	layout: Layout,
	painting: Painting
): Promise<void> {
	const blob = await fileOf(kind, title, shown, layout, painting);
	const link = document.createElement('a');
	link.href = URL.createObjectURL(blob);
	link.download = `${title.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'map'}.${endings[kind]}`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function fileOf(kind: ExportKind, title: string, shown: Forest, layout: Layout, painting: Painting): Promise<Blob> {
	const branches = shown.roots.map(sproutOf);
	switch (kind) {
		case 'xmind':
			return new Blob([await toXmind(title, branches, shown.links, layout, fetchPicture)], {
				type: 'application/vnd.xmind.workbook'
			});
		case 'freemind':
			return new Blob([toFreemind(branches, shown.links, layout)], { type: 'application/x-freemind' });
		case 'opml':
			return new Blob([toOpml(title, branches)], { type: 'text/x-opml' });
		case 'markdown':
			return new Blob([toMarkdown(branches)], { type: 'text/markdown' });
		case 'svg':
			return new Blob(
				[toSvg(title, { ...painting, formulas: await formulas(shown, painting) }, await pictures(shown, dataUrl))],
				{ type: 'image/svg+xml' }
			);
		case 'png': {
			const canvas = paintWhole({
				...painting,
				images: await pictures(shown, bitmap),
				formulas: await formulas(shown, painting)
			});
			const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
			if (!blob) throw new Error();
			return blob;
		}
	}
}

function formulas(shown: Forest, { font }: Painting): Promise<Formulas> {
	const context = document.createElement('canvas').getContext('2d');
	return formulasOf(shown, (words, type) => {
		if (!context) return widthIn(words) * type.font;
		context.font = `${type.weight} ${type.font}px ${font}`;
		return context.measureText(words).width;
	});
}

async function fetchPicture(src: string): Promise<Uint8Array | null> {
	const response = await fetch(src).catch(() => null);
	return response?.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}

async function pictures<Loaded>(shown: Forest, load: (blob: Blob) => Promise<Loaded>): Promise<Map<string, Loaded>> {
	const loaded = new Map<string, Loaded>();
	for (const { image } of shown.nodes.values()) {
		if (!image || loaded.has(image.src)) continue;
		try {
			const response = await fetch(image.src);
			if (response.ok) loaded.set(image.src, await load(await response.blob()));
		} catch {
			// A picture that is not to be had leaves its place empty.
		}
	}
	return loaded;
}

async function bitmap(blob: Blob): Promise<CanvasImageSource> {
	const image = new Image();
	image.src = await dataUrl(blob);
	await image.decode();
	return image;
}

const dataUrl = (blob: Blob): Promise<string> =>
	new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result));
		reader.onerror = () => reject(reader.error);
		reader.readAsDataURL(blob);
	});
