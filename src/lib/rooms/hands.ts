import type { Participant } from './model.ts';

/** Whom a list of people shows; the "not yet" ones are what a teacher looks for. */
export const filters = ['all', 'notSpoken', 'notDone', 'help', 'hands'] as const;
export type Filter = (typeof filters)[number];

/** Whether a filter shows someone; those who lead are nobody to wait for. */
export function shownBy(filter: Filter, person: Participant): boolean {
	if (filter === 'all') return true;
	if (person.leads) return false;
	if (filter === 'notSpoken') return !person.spoke;
	if (filter === 'notDone') return person.need !== 'done';
	return filter === 'help' ? person.need === 'help' : person.handAt !== null;
}

/** How long ago something was, in minutes and seconds, as `1:05`. */
export function waited(since: string, now: number): string {
	const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1_000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
