import { error } from '@sveltejs/kit';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { isAppError } from './errors.ts';
import { sentence } from './problem.ts';

/** Runs the query verbs of a page; what they refuse becomes the error page with their sentence. */
export async function loading<Result>(locale: Locale, run: () => Promise<Result>): Promise<Result> {
	try {
		return await run();
	} catch (thrown) {
		if (isAppError(thrown)) error(thrown.status, { message: sentence(thrown.key, locale, thrown.detail), key: thrown.key });
		throw thrown;
	}
}
