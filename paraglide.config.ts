import type { CompilerOptions } from '@inlang/paraglide-js';

/** One configuration for the build, the tests and the type check. */
export const paraglide = {
	project: './project.inlang',
	outdir: './src/lib/i18n/generated',
	strategy: ['cookie', 'preferredLanguage', 'baseLocale'],
	emitTsDeclarations: true
} satisfies CompilerOptions;
