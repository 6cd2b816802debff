import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';

/** A length of time in words: 38 秒, 3 分 20 秒, 1 小时 5 分. */
export function durationInWords(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	if (seconds < 60) return m['analysis.seconds']({ seconds: shortSeconds(milliseconds) });
	if (seconds < 3600) return m['analysis.minutes']({ minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
	return m['analysis.hours']({ hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60) });
}

/** Under ten seconds the tenths are told. */
const shortSeconds = (milliseconds: number): string =>
	(milliseconds / 1000).toFixed(milliseconds < 10_000 && milliseconds % 1000 ? 1 : 0);

/** A length of time as a clock shows it: 0:38, 3:20, 1:05:00. */
export function durationOnClock(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	const two = (value: number) => String(value).padStart(2, '0');
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
	return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The time of day; with seconds when they matter. */
export const timeOfDay = (at: number | string, seconds = true): string =>
	new Date(at).toLocaleTimeString(getLocale(), {
		hour: '2-digit',
		minute: '2-digit',
		second: seconds ? '2-digit' : undefined,
		hourCycle: 'h23'
	});

export const dayOf = (at: number | string): string =>
	new Date(at).toLocaleDateString(getLocale(), { month: 'long', day: 'numeric', weekday: 'short' });

/** A part of a whole; undefined stays undefined, and a little is not nothing. */
export function percent(share: number | null): string {
	if (share === null) return '—';
	if (share > 0 && share < 0.001) return '<0.1%';
	return share.toLocaleString(getLocale(), { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 });
}

export const figure = (value: number | null, digits = 2): string => (value === null ? '—' : value.toFixed(digits));
export const countOf = (value: number): string => value.toLocaleString(getLocale());
