import * as Y from 'yjs';
import { messageTypes } from '#lib/documents/model.ts';
import { syncSteps, updateOf } from './protocol.ts';

/** What is judged, applied and stored as one at most. */
const longest = { updates: 256, bytes: 64 * 1024 };
const mergedAtOnce = 16;

/**
 * The updates that lead an inbox and can be taken as one. They only write, or only delete: who deletes what was just
 * written did both, and both are counted.
 */
export function runOf(inbox: readonly Uint8Array[]): Uint8Array[] {
	const updates: Uint8Array[] = [];
	let kind: string | null = null;
	let bytes = 0;
	for (const message of inbox) {
		if (updates.length === longest.updates || bytes + message.length > longest.bytes) break;
		const update = updateIn(message);
		const next = update && kindOf(update);
		if (!update || !next || (kind ??= next) !== next) break;
		updates.push(update);
		bytes += message.length;
	}
	return updates;
}

/** All of a run in one update; null when it cannot be read. Yjs' time grows with the square of how many there are: a few at a time. */
export function mergeRun(updates: readonly Uint8Array[]): Uint8Array | null {
	try {
		let left = updates;
		while (left.length > 1) {
			const next: Uint8Array[] = [];
			for (let at = 0; at < left.length; at += mergedAtOnce) next.push(Y.mergeUpdates(left.slice(at, at + mergedAtOnce)));
			left = next;
		}
		return left[0] ?? null;
	} catch {
		return null;
	}
}

function updateIn(message: Uint8Array): Uint8Array | null {
	if (message[0] !== messageTypes.sync || message[1] !== syncSteps.update) return null;
	try {
		return updateOf(message);
	} catch {
		return null;
	}
}

/** An update begins with how many clients write in it, and ends with what is deleted: a 0 alone when that is nothing. */
function kindOf(update: Uint8Array): 'writes' | 'deletes' | null {
	if (update.at(-1) === 0) return 'writes';
	return update[0] === 0 ? 'deletes' : null;
}
