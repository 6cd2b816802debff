import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, normalize, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { excalidrawAssets, pdfAssets } from './src/lib/boards/assets.ts';

/** Libraries of the board fetch fonts and tables by name: from our own origin, as nothing else is allowed to. */
const modules = resolve(import.meta.dirname, 'node_modules');
const excalidraw = join(modules, '@excalidraw/excalidraw/dist/prod');
const folders: [address: string, folder: string, only?: RegExp][] = [
	[`${pdfAssets}build/`, join(modules, 'pdfjs-dist/build'), /^pdf\.worker\.min\.mjs$/],
	[`${excalidrawAssets}fonts/`, join(excalidraw, 'fonts')],
	// What cuts a font down to the letters of a drawing runs beside the page, and loads its parts by name.
	[`${excalidrawAssets}workers/`, excalidraw, /^(subset-worker\.chunk|chunk-\w+)\.js$/],
	...['cmaps', 'standard_fonts', 'wasm'].map((name): [string, string] => [
		`${pdfAssets}${name}/`,
		join(modules, 'pdfjs-dist', name)
	])
];

const types: Record<string, string> = {
	'.woff2': 'font/woff2',
	'.js': 'text/javascript',
	'.mjs': 'text/javascript',
	'.wasm': 'application/wasm'
};

/** Drawing from the language of Mermaid is not offered; its library is as large as all the rest. */
const mermaid = '@excalidraw/mermaid-to-excalidraw';
const noMermaid = `export const parseMermaidToExcalidraw = () => Promise.reject(new Error('not offered'));`;

export function boardFiles(): Plugin {
	return {
		name: 'board-files',
		enforce: 'pre',
		resolveId: (source) => (source === mermaid ? `\0${mermaid}` : null),
		load: (id) => (id === `\0${mermaid}` ? noMermaid : null),
		configureServer({ middlewares }) {
			for (const [address, folder] of folders) {
				middlewares.use(address, ({ url }, response, next) => {
					const file = join(folder, normalize(decodeURIComponent((url ?? '').replace(/\?.*/, ''))));
					if (!file.startsWith(folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return next();
					const type = types[extname(file)];
					if (type) response.setHeader('content-type', type);
					createReadStream(file).pipe(response);
				});
			}
		},
		/** Excalidraw falls back to a server elsewhere, which our security policy forbids: it is not to ask. */
		transform(code, id) {
			if (!id.includes('/@excalidraw/excalidraw/')) return;
			if (id.endsWith('/subset-worker.chunk.js')) {
				const worker = `new URL('${excalidrawAssets}workers/subset-worker.chunk.js', globalThis.location.href)`;
				return { code: code.replace('new URL(import.meta.url)', worker), map: null };
			}
			if (!code.includes('https://esm.sh/')) return;
			const asking = /(\w+)\.push\(new URL\((\w+),\s*[\w$]+\.ASSETS_FALLBACK_URL\)\)/;
			if (!asking.test(code)) throw new Error('Excalidraw asks for fonts elsewhere in another way than before');
			// And it gives up a worker after a second, which is not enough for a slow machine to load one.
			return { code: code.replace(asking, '$1.length').replace('.ttl||1e3', '.ttl||15e3'), map: null };
		},
		async generateBundle() {
			if (this.environment.name !== 'client') return;
			for (const [address, folder, only] of folders) {
				for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
					if (!entry.isFile() || (only && !only.test(entry.name))) continue;
					const file = join(entry.parentPath, entry.name);
					const fileName = `${address.slice(1)}${relative(folder, file)}`;
					this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
				}
			}
		}
	};
}
