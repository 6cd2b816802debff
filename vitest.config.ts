import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { paraglide } from './paraglide.config.ts';

export default defineConfig({
	plugins: [paraglideVitePlugin(paraglide), svelte()],
	test: {
		environment: 'node',
		globalSetup: 'tests/support/global.ts',
		// Real servers answer, on a machine that may be busy.
		testTimeout: 30_000,
		hookTimeout: 120_000,
		// At the end the servers stop and their folder is removed; whoever is cut short leaves both behind.
		teardownTimeout: 60_000,
		// Many files wait for servers or for the clock of a call; two of them share the time.
		maxWorkers: 2,
		projects: [
			{
				extends: true,
				test: { name: 'unit', include: ['{src,bin,collab-server,media,workshops}/**/*.test.ts'] }
			},
			{
				extends: true,
				test: { name: 'integration', include: ['tests/*.test.ts', 'tests/faults/**/*.test.ts'] }
			}
		]
	}
});
