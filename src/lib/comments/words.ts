import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';

/** When something was said, as short as it can be told. */
export function whenOf(at: string, now = Date.now()): string {
	const time = new Date(at);
	const minutes = Math.floor((now - time.getTime()) / 60_000);
	if (minutes < 1) return m['comments.justNow']();
	if (minutes < 60) return m['comments.minutesAgo']({ count: minutes });
	const isToday = time.toDateString() === new Date(now).toDateString();
	const day: Intl.DateTimeFormatOptions = isToday ? {} : { month: 'long', day: 'numeric' };
	if (time.getFullYear() !== new Date(now).getFullYear()) day.year = 'numeric';
	return new Intl.DateTimeFormat(getLocale(), { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(time);
}
