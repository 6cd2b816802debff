import { numberIn } from '#lib/writing/blocks/values.ts';
import { attrsOf, children } from './json.ts';
import type { Json } from './json.ts';

/** A cell, the row in which it begins, and how far it reaches. */
interface Slot {
	cell: Json;
	row: number;
	across: number;
	down: number;
}

/** Which cell covers which place; what spans too far is cut, as the editor shows it. */
export function gridOf(rows: readonly Json[]): (Slot | undefined)[][] {
	const grid: (Slot | undefined)[][] = rows.map(() => []);
	rows.forEach((row, y) => {
		let x = 0;
		for (const cell of children(row)) {
			const line = grid[y] ?? [];
			while (line[x]) x++;
			const wanted = Math.floor(numberIn(attrsOf(cell).colspan, 1, 60) ?? 1);
			let across = 1;
			while (across < wanted && !line[x + across]) across++;
			const down = Math.min(Math.floor(numberIn(attrsOf(cell).rowspan, 1, 1000) ?? 1), rows.length - y);
			const slot = { cell, row: y, across, down };
			for (let dy = 0; dy < down; dy++) for (let dx = 0; dx < across; dx++) (grid[y + dy] ?? [])[x + dx] = slot;
			x += across;
			if (x > 200) break;
		}
	});
	return grid;
}
