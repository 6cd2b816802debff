import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { boardFiles } from './boards.config.ts';
import { fontFiles } from './fonts.config.ts';
import { paraglide } from './paraglide.config.ts';

export default defineConfig({
	plugins: [tailwindcss(), paraglideVitePlugin(paraglide), sveltekit(), boardFiles(), fontFiles()],
	// What is read and written beside the page knows the parts of a text, and these know how they look.
	worker: { format: 'es', plugins: () => [svelte()] },
	build: { target: 'es2022' }
});
