const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
	second,
	5 * second,
	15 * second,
	30 * second,
	minute,
	2 * minute,
	5 * minute,
	10 * minute,
	15 * minute,
	30 * minute,
	hour,
	2 * hour,
	6 * hour,
	12 * hour,
	24 * hour
];

/** Round moments of an axis from one time to another, at most `most` of them, in milliseconds since 1970. */
export function ticksOf(from: number, to: number, most: number): { at: number[]; step: number } {
	const step = steps.find((step) => (to - from) / step <= most) ?? Math.ceil((to - from) / most / (24 * hour)) * 24 * hour;
	// Round in the time of the place, not in UTC.
	const shift = new Date(from).getTimezoneOffset() * minute;
	const first = Math.ceil((from - shift) / step) * step + shift;
	const at: number[] = [];
	for (let tick = first; tick <= to && step > 0; tick += step) at.push(tick);
	return { at, step };
}
