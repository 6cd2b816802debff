interface Follower {
	/** The pointer has moved far enough, or a finger has rested long enough: it is a drag. */
	lift: () => void;
	/** Where the pointer is, and how far from where it went down, in pixels of the window. */
	move: (x: number, y: number, dx: number, dy: number) => void;
	drop: () => void;
	cancel: () => void;
}

/** How long a finger rests before it drags instead of scrolling, in milliseconds. */
const rest = 260;

/**
 * Follows a pointer that went down on something that can be dragged. A mouse drags once it moves; a finger scrolls
 * unless it rests first (or at once, where the element takes all touches). Escape cancels. That a finger which drags
 * does not scroll is for whoever calls to see to: a listener added now would come too late in some browsers.
 */
export function followPointer(event: PointerEvent, follower: Follower, { atOnce = false } = {}): void {
	if (event.button !== 0 || !event.isPrimary) return;
	const element = event.currentTarget as HTMLElement;
	const waits = event.pointerType !== 'mouse' && !atOnce;
	const [x0, y0] = [event.clientX, event.clientY];
	const ended = new AbortController();
	const { signal } = ended;
	let lifted = false;
	const lift = () => {
		lifted = true;
		element.setPointerCapture(event.pointerId);
		follower.lift();
	};
	const timer = waits ? setTimeout(lift, rest) : undefined;
	const end = (finish: () => void) => {
		clearTimeout(timer);
		ended.abort();
		if (lifted) finish();
	};

	addEventListener(
		'pointermove',
		(move) => {
			if (move.pointerId !== event.pointerId) return;
			const [dx, dy] = [move.clientX - x0, move.clientY - y0];
			if (!lifted) {
				if (Math.hypot(dx, dy) < (waits ? 8 : 4)) return;
				if (waits) return end(follower.cancel);
				lift();
			}
			follower.move(move.clientX, move.clientY, dx, dy);
		},
		{ signal }
	);
	addEventListener(
		'pointerup',
		(up) => {
			if (up.pointerId !== event.pointerId) return;
			// The click that follows a drag opens nothing.
			if (lifted) addEventListener('click', swallow, { capture: true, once: true });
			setTimeout(() => removeEventListener('click', swallow, { capture: true }));
			end(follower.drop);
		},
		{ signal }
	);
	addEventListener('pointercancel', (cancel) => cancel.pointerId === event.pointerId && end(follower.cancel), { signal });
	addEventListener(
		'keydown',
		(key) => {
			if (key.key !== 'Escape' || !lifted) return;
			key.preventDefault();
			key.stopPropagation();
			end(follower.cancel);
		},
		{ signal, capture: true }
	);
	element.addEventListener('contextmenu', (menu) => waits && menu.preventDefault(), { signal });
}

function swallow(click: Event): void {
	click.preventDefault();
	click.stopPropagation();
}
