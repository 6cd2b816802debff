// Days without a time, as text (2026-11-28): they sort as they follow, and no time zone moves them.

export const firstDay = '2000-01-01';
export const lastDay = '2100-12-31';

const milliseconds = 86_400_000;

/** Whether it is a day of the calendar within reach. */
export function isDay(text: string): boolean {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < firstDay || text > lastDay) return false;
	const time = Date.parse(`${text}T00:00:00Z`);
	return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export const timeOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** How many days `to` comes after `from`. */
export const daysBetween = (from: string, to: string): number => Math.round((timeOf(to) - timeOf(from)) / milliseconds);

/** The day so many days later, kept within reach. */
export function addDays(day: string, count: number): string {
	const moved = new Date(timeOf(day) + count * milliseconds).toISOString().slice(0, 10);
	if (moved < firstDay || moved.length > 10) return firstDay;
	return moved > lastDay ? lastDay : moved;
}

/** The day that a moment is on, where the reader is. */
export function dayOf(moment: Date): string {
	const two = (value: number) => String(value).padStart(2, '0');
	return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** The day in the schools' time zone, for what is counted where no reader is. */
export const schoolDay = (moment: Date): string =>
	new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit' }).format(
		moment
	);

/** Monday of the week of a day. */
export const mondayOf = (day: string): string => addDays(day, -((new Date(timeOf(day)).getUTCDay() + 6) % 7));
