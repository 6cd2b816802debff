export interface Point {
	x: number;
	y: number;
}

/** Places for so many people on a circle around the origin, the first at the top, clockwise. */
export const onCircle = (count: number, radius: number): Point[] =>
	Array.from({ length: count }, (_, index) => {
		const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
		return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius };
	});

/**
 * The path of an arrow between two circles, bent to its left so that there and back do not lie on each other.
 * It begins and ends `gap` outside the circles.
 */
export function arrow(from: Point & { r: number }, to: Point & { r: number }, gap: number): { path: string; middle: Point } {
	const [dx, dy] = [to.x - from.x, to.y - from.y];
	const length = Math.hypot(dx, dy) || 1;
	const bend = Math.min(34, length * 0.16);
	const control = { x: (from.x + to.x) / 2 + (dy / length) * bend, y: (from.y + to.y) / 2 - (dx / length) * bend };
	const start = towards(from, control, from.r + gap);
	const end = towards(to, control, to.r + gap);
	const round = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
	return {
		path: `M${round(start)}Q${round(control)} ${round(end)}`,
		middle: { x: (start.x + 2 * control.x + end.x) / 4, y: (start.y + 2 * control.y + end.y) / 4 }
	};
}

function towards(from: Point, to: Point, distance: number): Point {
	const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
	return { x: from.x + ((to.x - from.x) / length) * distance, y: from.y + ((to.y - from.y) / length) * distance };
}
