/** The colours of a person on a board: all of one hue, so that cursor, strokes and notes belong together. */
export interface Colors {
	/** Of the strokes: dark enough on paper. */
	readonly ink: string;
	/** Of sticky notes. */
	readonly note: string;
	/** Of the cursor. */
	readonly cursor: string;
}

export function colorsOf(personId: string): Colors {
	const hue = hueOf(personId);
	return { ink: hex(hue, 0.75, 0.33), note: hex(hue, 0.9, 0.86), cursor: `hsl(${hue}, 100%, 83%)` };
}

/** Of those who drew, in the view that shows who: far from each other, in the order of the history of texts. */
export const authorInks = ['#0b62a8', '#b34f00', '#00745a', '#a3348a', '#7a6200', '#b3261e', '#5447bd', '#4f5b66'];
/** Of what nobody is known to have drawn. */
export const nobody = '#868e96';

/** The hue that Excalidraw gives the cursor of a person. */
function hueOf(id: string): number {
	let hash = 0;
	for (let index = 0; index < id.length; index++) hash = (hash << 5) - hash + id.charCodeAt(index);
	return (Math.abs(hash) % 37) * 10;
}

function hex(hue: number, saturation: number, lightness: number): string {
	const reach = saturation * Math.min(lightness, 1 - lightness);
	const channel = (offset: number) => {
		const turn = (offset + hue / 30) % 12;
		const value = lightness - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1));
		return Math.round(255 * value)
			.toString(16)
			.padStart(2, '0');
	};
	return `#${channel(0)}${channel(8)}${channel(4)}`;
}
