import { newName } from '#lib/writing/blocks/values.ts';
import { WrongFile } from './formats.ts';
import type { Trouble } from './formats.ts';
import type { Json } from './json.ts';
import type { Shots } from './pictures.ts';
import type { Found } from './read.ts';

export type Work =
	| { do: 'read'; bytes: Uint8Array; name: string; origin: string }
	| { do: 'docx' | 'pdf'; doc: Json; title: string; shots: Shots; origin: string };
export type Done = { part: number } | { found: Found } | { bytes: Uint8Array<ArrayBuffer> } | { trouble: Trouble | null };

/** Does what takes long beside the page, so that the page goes on. */
async function work(asked: Work): Promise<Done> {
	if (asked.do === 'read') {
		const { readFile } = await import('./read.ts');
		return { found: readFile(asked.bytes, asked.name, { origin: asked.origin, newName }) };
	}
	const { doc, title, shots, origin } = asked;
	if (asked.do === 'docx') return { bytes: (await import('./docx/write.ts')).toDocx(doc, title, shots, origin) };
	const [{ toPdf }, { fetchSlices }] = await Promise.all([import('./pdf/write.ts'), import('./pdf/fonts.ts')]);
	const tell = (part: number) => postMessage({ part } satisfies Done);
	return { bytes: await toPdf(doc, title, shots, origin, fetchSlices(origin), tell) };
}

addEventListener('message', ({ data }: MessageEvent<Work>) => {
	work(data).then(
		(done) => postMessage(done),
		(error: unknown) => {
			postMessage({ trouble: error instanceof WrongFile ? error.trouble : null } satisfies Done);
		}
	);
});
