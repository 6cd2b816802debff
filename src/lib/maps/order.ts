/**
 * Keys that put siblings in order and always leave room between two of them, so that people who insert
 * at the same time never renumber each other's nodes. Compared as plain strings.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = digits.length;
/** Keys at the ends count in their first four digits, in steps that leave room for what comes between. */
const headLength = 4;
const step = base;
const middle = Math.floor(base ** headLength / 2);

/** A key between two others; null is the open end. `before` must sort before `after`. */
export function orderBetween(before: string | null, after: string | null): string {
	if (before === null && after === null) return head(middle);
	if (after === null) return headOf(before!) + step < base ** headLength ? head(headOf(before!) + step) : midpoint(before!, null);
	if (before === null) return headOf(after) - step > 0 ? head(headOf(after) - step) : midpoint('', after);
	return midpoint(before, after);
}

function head(value: number): string {
	let key = '';
	for (let rest = value, place = 0; place < headLength; place++, rest = Math.floor(rest / base)) key = digits[rest % base] + key;
	return key;
}

const headOf = (key: string): number =>
	[...key.slice(0, headLength).padEnd(headLength, '0')].reduce((value, digit) => value * base + valueOf(digit), 0);

/** A digit that no one of ours wrote counts as nothing. */
const valueOf = (digit: string | undefined): number => Math.max(0, digits.indexOf(digit ?? '0'));

/** The digits of a fraction halfway between two, as few as there is room for. */
function midpoint(before: string, after: string | null): string {
	let key = '';
	for (let place = 0; ; place++) {
		const low = valueOf(before[place]);
		const high = after === null ? base : valueOf(after[place]);
		const half = Math.floor((low + high) / 2);
		if (half > low) return key + digits[half];
		key += digits[low];
		// One lower than the upper bound here: whatever follows stays below it.
		if (low < high) after = null;
	}
}
