import type * as Y from 'yjs';

/** Where two texts differ: the same before `start` and after the two ends; never within a character. */
export function difference(old: string, wanted: string): { start: number; oldEnd: number; newEnd: number } {
	const shorter = Math.min(old.length, wanted.length);
	let start = 0;
	while (start < shorter && old[start] === wanted[start]) start++;
	if (isHighHalf(old.charCodeAt(start - 1))) start--;
	let same = 0;
	while (same < shorter - start && old[old.length - 1 - same] === wanted[wanted.length - 1 - same]) same++;
	if (same > 0 && isLowHalf(old.charCodeAt(old.length - same))) same--;
	return { start, oldEnd: old.length - same, newEnd: wanted.length - same };
}

const isHighHalf = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLowHalf = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/**
 * Puts into a shared text what a person changed in it, who had seen `base` and made it `wanted`. What others
 * wrote meanwhile stays, wherever it stands.
 */
export function mergeWords(shared: Y.Text, base: string, wanted: string): void {
	const now = shared.toString();
	const own = difference(base, wanted);
	const others = difference(base, now);
	const inserted = wanted.slice(own.start, own.newEnd);
	const shift = others.newEnd - others.oldEnd;
	/** What was deleted behind and before what others changed; what they wrote there is not ours to delete. */
	const behind = { from: Math.max(own.start, others.oldEnd), to: own.oldEnd };
	const before = { from: own.start, to: Math.min(own.oldEnd, others.start) };
	if (behind.to > behind.from) shared.delete(behind.from + shift, behind.to - behind.from);
	if (before.to > before.from) shared.delete(before.from, before.to - before.from);
	if (inserted === '') return;
	const at = own.start <= others.start ? own.start : Math.max(own.start + shift, others.newEnd);
	shared.insert(Math.min(at, shared.length), inserted);
}
