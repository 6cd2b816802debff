/** A line around a shape: points that lie on it, and points that only draw it towards themselves. */
export type Contour = { x: number; y: number; on: boolean }[];

/** The lines as SVG draws them, downwards, so many times as large, moved to a place. */
export function pathOf(contours: readonly Contour[], scale: number, left: number, base: number): string {
	const at = ({ x, y }: { x: number; y: number }) => `${round(left + x * scale)} ${round(base - y * scale)}`;
	return contours.map((contour) => lineOf(contour, at)).join('');
}

function lineOf(contour: Contour, at: (point: { x: number; y: number }) => string): string {
	// Between two points that only draw, the line goes through the middle.
	const points = contour.flatMap((point, index) => {
		const next = contour[(index + 1) % contour.length] ?? point;
		return point.on || next.on ? [point] : [point, { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2, on: true }];
	});
	const begin = points.findIndex(({ on }) => on);
	const first = points[begin];
	if (!first) return '';
	const line = [...points.slice(begin + 1), ...points.slice(0, begin), first];
	let path = `M${at(first)}`;
	let pull: Contour[number] | null = null;
	for (const point of line) {
		if (!point.on) pull = point;
		else {
			path += pull ? `Q${at(pull)} ${at(point)}` : `L${at(point)}`;
			pull = null;
		}
	}
	return `${path}Z`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
