import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist';
import { pdfAssets } from './assets.ts';
import type { Picture } from './images.ts';

/** The width of a page as a picture, in pixels. */
const pixels = 1_600;
/** More pages than this make no board. */
const mostPages = 60;

/** The pages of a PDF as pictures, one after the other; `onPage` is told how many there are. */
export async function* pagesOf(file: File, onPage: (page: number, pages: number) => void): AsyncGenerator<Picture> {
	GlobalWorkerOptions.workerSrc = `${pdfAssets}build/pdf.worker.min.mjs`;
	const task = getDocument({
		data: new Uint8Array(await file.arrayBuffer()),
		cMapUrl: `${pdfAssets}cmaps/`,
		cMapPacked: true,
		standardFontDataUrl: `${pdfAssets}standard_fonts/`,
		wasmUrl: `${pdfAssets}wasm/`,
		enableXfa: false
	});
	try {
		const pdf = await task.promise;
		const pages = Math.min(pdf.numPages, mostPages);
		for (let number = 1; number <= pages; number++) {
			onPage(number, pages);
			const page = await pdf.getPage(number);
			const scale = pixels / page.getViewport({ scale: 1 }).width;
			const viewport = page.getViewport({ scale });
			const canvas = document.createElement('canvas');
			[canvas.width, canvas.height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
			await page.render({ canvas, viewport, background: '#ffffff' }).promise;
			const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.86));
			page.cleanup();
			if (!blob) throw new Error('a page could not be drawn');
			const name = `${file.name.replace(/\.pdf$/i, '')}-${number}.webp`;
			yield { file: new File([blob], name, { type: blob.type }), width: canvas.width, height: canvas.height };
		}
	} finally {
		await task.destroy();
	}
}
