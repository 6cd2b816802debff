import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, normalize, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { excalidrawAssets, pdfAssets } from './src/lib/boards/assets.ts';

/** Libraries of the board fetch fonts and tables by name: from our own origin, as nothing else is allowed to. */
const modules = resolve(import.meta.dirname, 'node_modules');
const folders: [address: string, folder: string][] = [
	[`${excalidrawAssets}fonts/`, join(modules, '@excalidraw/excalidraw/dist/prod/fonts')],
	...['cmaps', 'standard_fonts', 'wasm'].map((name): [string, string] => [
		`${pdfAssets}${name}/`,
		join(modules, 'pdfjs-dist', name)
	])
];

export function boardFiles(): Plugin {
	return {
		name: 'board-files',
		configureServer({ middlewares }) {
			for (const [address, folder] of folders) {
				middlewares.use(address, ({ url }, response, next) => {
					const file = join(folder, normalize(decodeURIComponent((url ?? '').replace(/\?.*/, ''))));
					if (!file.startsWith(folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return next();
					if (file.endsWith('.woff2')) response.setHeader('content-type', 'font/woff2');
					createReadStream(file).pipe(response);
				});
			}
		},
		async generateBundle() {
			if (this.environment.name !== 'client') return;
			for (const [address, folder] of folders) {
				for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
					if (!entry.isFile()) continue;
					const file = join(entry.parentPath, entry.name);
					const fileName = `${address.slice(1)}${relative(folder, file)}`;
					this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
				}
			}
		}
	};
}
