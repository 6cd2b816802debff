/** A length of time as a clock shows it, of milliseconds: `1:02:03`, or `2:03` below an hour. */
export function clockOf(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1_000));
	const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
	const two = (number: number) => String(number).padStart(2, '0');
	return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
