import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { fontSlices, slicesOf, weights, writeSlice } from './src/lib/exchange/pdf/letters.ts';
import type { Weight } from './src/lib/exchange/pdf/letters.ts';

const modules = join(import.meta.dirname, 'node_modules');
const files: Record<Weight, string> = {
	normal: 'noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
	bold: 'noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
	mono: 'jetbrains-mono/400Regular/JetBrainsMono_400Regular.ttf'
};

/** The font of PDFs in slices, as `normal-c0`: whoever takes a text away fetches those that its characters lie in. */
function slicesIn(weight: Weight): Map<string, Uint8Array> {
	const font = new Uint8Array(readFileSync(join(modules, '@expo-google-fonts', files[weight])));
	return new Map([...slicesOf(font)].map(([name, letters]) => [`${weight}-${name}`, deflateSync(writeSlice(letters))]));
}

export function fontFiles(): Plugin {
	return {
		name: 'font-files',
		configureServer({ middlewares }) {
			const cut: Partial<Record<Weight, Map<string, Uint8Array>>> = {};
			middlewares.use(fontSlices, ({ url }, response, next) => {
				const [, name = '', weight] = /^\/((normal|bold|mono)-\w+)$/.exec(url ?? '') ?? [];
				if (!weight) return next();
				const slice = (cut[weight as Weight] ??= slicesIn(weight as Weight)).get(name);
				if (!slice) return next();
				response.end(slice);
			});
		},
		generateBundle() {
			if (this.environment.name !== 'client') return;
			for (const weight of weights)
				for (const [name, source] of slicesIn(weight))
					this.emitFile({ type: 'asset', fileName: `${fontSlices.slice(1)}${name}`, source });
		}
	};
}
