import type { Overview } from './history-worker.ts';
import type { Version } from './model.ts';
import type { Sitting } from './timeline.ts';
import { dayOf } from './words.ts';

/** A line of the list of versions: one that somebody kept, or what a sitting came to. */
export type Entry =
	| { kind: 'kept'; id: string; seq: number; at: number; version: Version }
	| { kind: 'sitting'; id: string; seq: number; at: number; sitting: Sitting };

export interface Day {
	day: string;
	entries: Entry[];
}

/** All versions, the newest first, by day. */
export function daysOf(overview: Overview, versions: readonly Version[]): Day[] {
	const entries: Entry[] = [
		...versions.map((version): Entry => ({
			kind: 'kept',
			id: version.id,
			seq: version.seq,
			at: Date.parse(version.at),
			version
		})),
		...overview.sittings.map((sitting): Entry => ({
			kind: 'sitting',
			id: `sitting-${sitting.firstSeq}`,
			seq: sitting.lastSeq,
			at: sitting.to,
			sitting
		}))
	].sort((one, other) => other.at - one.at || other.seq - one.seq);
	const days: Day[] = [];
	for (const entry of entries) {
		const day = dayOf(entry.at);
		const last = days.at(-1);
		if (last?.day === day) last.entries.push(entry);
		else days.push({ day, entries: [entry] });
	}
	return days;
}
