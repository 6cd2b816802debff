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

export interface Arrow {
	/** The shaft, to be stroked. */
	shaft: string;
	/** The head, to be filled. */
	head: string;
}

/**
 * An arrow between two circles, bent to its left so that there and back do not lie on each other.
 * It begins and ends `gap` outside the circles; its head grows with its width.
 */
export function arrow(from: Point & { r: number }, to: Point & { r: number }, width: number, gap: number): Arrow {
	const [dx, dy] = [to.x - from.x, to.y - from.y];
	const length = Math.hypot(dx, dy) || 1;
	const bend = Math.min(34, length * 0.16);
	const control = { x: (from.x + to.x) / 2 + (dy / length) * bend, y: (from.y + to.y) / 2 - (dx / length) * bend };
	const headLength = 6 + width * 1.4;
	const tip = towards(to, control, to.r + gap);
	const neck = towards(tip, control, headLength);
	const side = { x: ((tip.y - neck.y) / headLength) * (3 + width * 0.9), y: ((neck.x - tip.x) / headLength) * (3 + width * 0.9) };
	return {
		shaft: `M${round(towards(from, control, from.r + gap))}Q${round(control)} ${round(towards(tip, control, headLength - 1))}`,
		head: `M${round(tip)}L${round({ x: neck.x + side.x, y: neck.y + side.y })}L${round({ x: neck.x - side.x, y: neck.y - side.y })}Z`
	};
}

const round = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;

function towards(from: Point, to: Point, distance: number): Point {
	const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
	return { x: from.x + ((to.x - from.x) / length) * distance, y: from.y + ((to.y - from.y) / length) * distance };
}
