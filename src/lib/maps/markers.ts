import { markerKinds, markerValues } from './forest.ts';
import type { MarkerKind, Markers } from './forest.ts';

/** How a marker looks: a letter on a disc, a part of a disc, or a sign alone; the colour names a CSS variable. */
export interface Look {
	readonly shape: 'disc' | 'pie' | 'sign';
	readonly color: string;
	readonly text: string;
	/** Of a pie: how much is full, 0 to 1. */
	readonly share: number;
}

const priorities = ['red', 'orange', 'blue', 'green', 'purple', 'gray', 'gray', 'gray', 'gray'];
const signs: Record<string, [text: string, color: string]> = {
	question: ['?', 'blue'],
	exclam: ['!', 'red'],
	idea: ['✦', 'yellow'],
	right: ['✓', 'green'],
	wrong: ['✗', 'red'],
	heart: ['♥', 'red'],
	good: ['☺', 'orange'],
	clock: ['◷', 'gray'],
	book: ['☰', 'blue'],
	pen: ['✎', 'purple']
};

export function lookOf(kind: MarkerKind, value: string): Look {
	const look = (shape: Look['shape'], color: string, text: string, share = 1): Look => ({
		shape,
		color: `mark-${color}`,
		text,
		share
	});
	if (kind === 'priority') return look('disc', priorities[Number(value) - 1] ?? 'gray', value);
	if (kind === 'progress') return value === '8' ? look('disc', 'green', '✓') : look('pie', 'green', '', Number(value) / 8);
	if (kind === 'flag') return look('sign', value, '⚑');
	if (kind === 'star') return look('sign', value, '★');
	if (kind === 'people') return look('sign', value, '☻');
	const [text, color] = signs[value] ?? ['•', 'gray'];
	return look(kind === 'sign' && (value === 'question' || value === 'exclam') ? 'disc' : 'sign', color, text);
}

export const looksOf = (markers: Markers): { kind: MarkerKind; value: string; look: Look }[] =>
	markerKinds.flatMap((kind) => {
		const value = markers[kind];
		return value === undefined ? [] : [{ kind, value, look: lookOf(kind, value) }];
	});

export const choicesOf = (kind: MarkerKind): readonly string[] => markerValues[kind];
