import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';

const format = (at: number, options: Intl.DateTimeFormatOptions): string =>
	new Intl.DateTimeFormat(getLocale(), { hourCycle: 'h23', ...options }).format(at);
const sameDay = (one: number, other: number): boolean => new Date(one).toDateString() === new Date(other).toDateString();

export const clock = (at: number): string => format(at, { hour: '2-digit', minute: '2-digit' });

/** A day as one speaks of it. */
export function dayOf(at: number, now = Date.now()): string {
	if (sameDay(at, now)) return m['history.today']();
	if (sameDay(at, now - 86_400_000)) return m['history.yesterday']();
	const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return format(at, { year: thisYear ? undefined : 'numeric', month: 'long', day: 'numeric', weekday: 'short' });
}

/** Day and time; with seconds where moments lie close together. */
export const momentOf = (at: number, seconds = false): string =>
	`${dayOf(at)} ${seconds ? format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }) : clock(at)}`;

/** From when to when, the day said once. */
export function stretchOf(from: number, to: number): string {
	if (clock(from) === clock(to) && sameDay(from, to)) return momentOf(to);
	return sameDay(from, to) ? `${momentOf(from)}–${clock(to)}` : `${momentOf(from)} – ${momentOf(to)}`;
}

export const count = (value: number): string => value.toLocaleString(getLocale());

export const percent = (share: number): string =>
	share > 0 && share < 0.01 ? '<1%' : share.toLocaleString(getLocale(), { style: 'percent', maximumFractionDigits: 0 });
