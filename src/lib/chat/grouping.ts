import type { ChatMessage } from './timeline.svelte.ts';

/** Messages of one author that follow each other closely, under one name. */
export interface Run {
	readonly key: string;
	readonly personId: string | null;
	readonly at: number;
	readonly messages: readonly ChatMessage[];
}

/** The messages of one calendar day, where the reader is. */
export interface Day {
	readonly key: string;
	readonly at: number;
	readonly runs: readonly Run[];
}

/** A longer silence than this, in milliseconds, begins a new run. */
const closely = 5 * 60_000;

const dayOf = (at: number): string => new Date(at).toDateString();

/** Messages, oldest first, by day and by author. */
export function groupMessages(messages: readonly ChatMessage[]): Day[] {
	const days: {
		key: string;
		at: number;
		runs: { key: string; personId: string | null; at: number; messages: ChatMessage[] }[];
	}[] = [];
	for (const message of messages) {
		const day = dayOf(message.at);
		if (days.at(-1)?.key !== day) days.push({ key: day, at: message.at, runs: [] });
		const runs = days.at(-1)!.runs;
		const run = runs.at(-1);
		const last = run?.messages.at(-1);
		if (run && last && run.personId === message.personId && message.at - last.at < closely) run.messages.push(message);
		else runs.push({ key: message.key, personId: message.personId, at: message.at, messages: [message] });
	}
	// A message whose clock runs behind may open a day a second time; the list needs different keys.
	return days.map((day, index) => ({ ...day, key: `${day.key} ${index}` }));
}
