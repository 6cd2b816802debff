import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist';
import type { PDFDocumentLoadingTask, PDFDocumentProxy } from 'pdfjs-dist';
import { pdfAssets } from '#lib/boards/assets.ts';

/** Drawn pages that are kept: the one before, this and the next, in two sizes. */
const mostKept = 6;
/** A page wider than this gains nothing that anybody sees, in pixels. */
const widest = 2_400;

/** A PDF that is drawn page by page. It is fetched in parts, as far as it is looked at; nothing in it runs. */
export class Pdf {
	readonly #task: PDFDocumentLoadingTask;
	readonly #pdf: Promise<PDFDocumentProxy>;
	readonly #kept = new Map<string, Promise<HTMLCanvasElement>>();

	constructor(url: string) {
		GlobalWorkerOptions.workerSrc = `${pdfAssets}build/pdf.worker.min.mjs`;
		this.#task = getDocument({
			url,
			cMapUrl: `${pdfAssets}cmaps/`,
			cMapPacked: true,
			standardFontDataUrl: `${pdfAssets}standard_fonts/`,
			wasmUrl: `${pdfAssets}wasm/`,
			enableXfa: false
		});
		this.#pdf = this.#task.promise;
		// Whoever draws hears of it.
		this.#pdf.catch(() => undefined);
	}

	/** A page as a picture that fits into so many pixels of the screen. The same canvas is given again while it is kept. */
	draw(number: number, box: { width: number; height: number }): Promise<HTMLCanvasElement> {
		const key = `${number}@${Math.round(box.width)}x${Math.round(box.height)}`;
		const drawn = this.#kept.get(key) ?? this.#draw(number, box);
		this.#kept.delete(key);
		this.#kept.set(key, drawn);
		drawn.catch(() => this.#kept.delete(key));
		for (const old of this.#kept.keys()) {
			if (this.#kept.size <= mostKept) break;
			this.#kept.delete(old);
		}
		return drawn;
	}

	/** A small picture of a page, which is not kept. */
	async thumbnail(number: number, width: number): Promise<HTMLCanvasElement> {
		return this.#draw(number, { width, height: width * 2 });
	}

	async #draw(number: number, box: { width: number; height: number }): Promise<HTMLCanvasElement> {
		const pdf = await this.#pdf;
		const page = await pdf.getPage(Math.min(number, pdf.numPages));
		const plain = page.getViewport({ scale: 1 });
		const dense = Math.min(devicePixelRatio || 1, 2);
		const fitting = Math.min(box.width / plain.width, box.height / plain.height) * dense;
		const viewport = page.getViewport({ scale: Math.min(fitting, widest / plain.width) });
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [Math.max(1, Math.floor(viewport.width)), Math.max(1, Math.floor(viewport.height))];
		await page.render({ canvas, viewport, background: '#ffffff' }).promise;
		return canvas;
	}

	/** The words of a page, for those who hear it. */
	async wordsOf(number: number): Promise<string> {
		const page = await (await this.#pdf).getPage(number);
		const { items } = await page.getTextContent();
		return items
			.map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : ''))
			.join('')
			.trim()
			.slice(0, 4_000);
	}

	close(): void {
		this.#kept.clear();
		void this.#task.destroy();
	}
}
