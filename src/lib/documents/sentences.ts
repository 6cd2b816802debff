import { m } from '#lib/i18n/generated/messages.js';
import type { SaveState } from './connection.svelte.ts';
import type { Closing } from './model.ts';

/** Why changes are not getting through, in a sentence that a person understands; null when nothing is known to be wrong. */
export function sentenceOf(save: SaveState, closing: Closing | null): string | null {
	if (save.kind === 'refused') return refusal(save.reason);
	return closing ? m[`documents.closed.${closing}`]() : null;
}

function refusal(reason: string): string {
	if (reason === 'documentFull') return m['documents.save.documentFullDetail']();
	if (reason === 'itemTooLarge') return m['documents.save.itemTooLargeDetail']();
	return reason === 'reader' ? m['documents.save.readerDetail']() : m['documents.save.refusedDetail']();
}
