import { m } from '#lib/i18n/generated/messages.js';
import { clockOf } from '#lib/ui/clock.ts';
import type { RoundInput } from './model.ts';

/** Questions that are asked aloud and need no writing: two clicks. */
export const quick = (): { label: string; round: RoundInput }[] => [
	{ label: m['rounds.yesNo'](), round: { kind: 'question', options: [m['rounds.yes'](), m['rounds.no']()] } },
	{ label: m['rounds.letters'](), round: { kind: 'question', options: ['A', 'B', 'C', 'D'] } }
];

/** Time that is left, as a clock shows it: 4:05. */
export const clock = (milliseconds: number): string => clockOf(Math.ceil(milliseconds / 1_000) * 1_000);
