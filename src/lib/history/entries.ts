import type { Overview } from './history-worker.ts';
import type { Version } from './model.ts';
import type { Sitting } from './timeline.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { dayOf, momentOf, stretchOf } from './words.ts';

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

/** A moment that one can compare with another. */
export interface Choice {
	seq: number;
	label: string;
}

/** All versions as moments to compare, from now back to the beginning. */
export const choicesOf = (days: readonly Day[], length: number): Choice[] => [
	{ seq: length, label: m['history.now']() },
	...days.flatMap(({ entries }) => entries.map((entry) => ({ seq: entry.seq, label: labelOf(entry) }))),
	{ seq: 0, label: m['history.blank']() }
];

function labelOf(entry: Entry): string {
	if (entry.kind === 'sitting') return stretchOf(entry.sitting.from, entry.sitting.to);
	const { kind, name } = entry.version;
	return `${kind === 'named' ? name : m[`history.kind.${kind}`]()} · ${momentOf(entry.at)}`;
}
