import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { boardFiles } from './boards.config.ts';
import { paraglide } from './paraglide.config.ts';

export default defineConfig({
	plugins: [tailwindcss(), paraglideVitePlugin(paraglide), sveltekit(), boardFiles()],
	build: { target: 'es2022' }
});
