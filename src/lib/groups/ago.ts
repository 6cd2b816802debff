import { m } from '#lib/i18n/generated/messages.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something is past, in plain words: 3 seconds ago. Both in milliseconds; what lies ahead is now. */
export function ago(at: number, now: number): string {
	const past = now - at;
	if (past < 1_000) return m['groups.ago.now']();
	if (past < minute) return m['groups.ago.seconds']({ count: Math.floor(past / 1_000) });
	if (past < hour) return m['groups.ago.minutes']({ count: Math.floor(past / minute) });
	if (past < day) return m['groups.ago.hours']({ count: Math.floor(past / hour) });
	return m['groups.ago.days']({ count: Math.floor(past / day) });
}
