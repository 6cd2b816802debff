import { error } from '@sveltejs/kit';
import { ZodError } from 'zod';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { isAppError } from './errors.ts';
import { sentence } from './problem.ts';

/** Runs the query verbs of a page; what they refuse becomes the error page with their sentence. */
export async function loading<Result>(locale: Locale, run: () => Promise<Result>): Promise<Result> {
	try {
		return await run();
	} catch (thrown) {
		if (isAppError(thrown)) error(thrown.status, { message: sentence(thrown.key, locale, thrown.detail), key: thrown.key });
		// The input of a page is its address: one that does not fit names nothing.
		if (thrown instanceof ZodError) error(404, { message: sentence('error.notFound', locale), key: 'error.notFound' });
		throw thrown;
	}
}
