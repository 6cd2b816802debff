import { Fragment } from '@tiptap/pm/model';
import type { Node, NodeType, Schema } from '@tiptap/pm/model';

/** How a block shall stand: of what kind, within which blocks, and how many of these hold the block before it, too. */
export interface Plan {
	readonly type: string;
	readonly attrs: Readonly<Record<string, unknown>>;
	readonly within: readonly Holder[];
	readonly shared: number;
}
/** A block that holds others, as a list or one of its items. */
export interface Holder {
	readonly type: string;
	readonly attrs: Readonly<Record<string, unknown>>;
}

/** A line of text or a whole, with all that holds it in its room. */
export interface Leaf {
	readonly node: Node;
	readonly pos: number;
	readonly within: readonly { readonly node: Node; readonly pos: number }[];
	/** How many of these hold the leaf before, too. */
	readonly shared: number;
}

/** A place whose blocks are built by themselves: the text, or a cell of a table. */
export interface Room {
	readonly node: Node;
	/** Where its content begins. */
	readonly start: number;
}

/** A block that goes and comes as a whole. */
export const isWhole = ({ isText, isLeaf, isAtom, isTextblock, type }: Node): boolean =>
	!isText && (isLeaf || isAtom || type.spec.tableRole === 'table' || (isTextblock && type.spec.isolating === true));

export const isList = ({ name }: NodeType): boolean => name.endsWith('List');
export const isItem = (name: string): boolean => name.endsWith('Item');

/** What a block says beside what is suggested about it. */
export function ownAttrs({ attrs }: Node): Record<string, unknown> {
	const { suggested: _, ...own } = attrs;
	return own;
}
const sameAttrs = (one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean =>
	JSON.stringify(one) === JSON.stringify(other);

/** The text, and each cell in it, in order. */
export function roomsOf(doc: Node): Room[] {
	const rooms: Room[] = [{ node: doc, start: 0 }];
	doc.descendants((node, pos) => {
		const role = node.type.spec.tableRole as unknown;
		if (role === 'cell' || role === 'header_cell') rooms.push({ node, start: pos + 1 });
		return !node.isTextblock;
	});
	return rooms;
}

/** The leaves of a room, in order: a room is known by them. */
export function leavesOf({ node: room, start }: Room): Leaf[] {
	const leaves: Leaf[] = [];
	const walk = (parent: Node, at: number, within: Leaf['within']) => {
		parent.forEach((node, offset) => {
			const pos = at + offset;
			if (!node.isTextblock && !isWhole(node)) return walk(node, pos + 1, [...within, { node, pos }]);
			const before = leaves.at(-1)?.within ?? [];
			let shared = 0;
			while (shared < within.length && before[shared]?.pos === within[shared]?.pos) shared++;
			leaves.push({ node, pos, within, shared });
		});
	};
	walk(room, start, []);
	return leaves;
}

/** How a leaf stands. */
export const standing = ({ node, within, shared }: Leaf): Plan => ({
	type: node.type.name,
	attrs: ownAttrs(node),
	within: within.map((holder) => ({ type: holder.node.type.name, attrs: ownAttrs(holder.node) })),
	shared
});

export const samePlan = (one: Plan, other: Plan): boolean =>
	one.type === other.type &&
	one.shared === other.shared &&
	sameAttrs(one.attrs, other.attrs) &&
	one.within.length === other.within.length &&
	one.within.every(({ type, attrs }, level) => {
		const like = other.within[level];
		return like?.type === type && sameAttrs(attrs, like.attrs);
	});

interface Open {
	readonly type: NodeType;
	readonly attrs: Readonly<Record<string, unknown>>;
	/** Where those stood before that this is. */
	readonly origins: Set<number>;
	readonly children: Node[];
}

/**
 * What a room holds once some of its leaves stand as planned; what is not planned stays in what held it. Lists of one
 * kind that come to touch are one. Null for what the room cannot hold.
 */
export function rebuilt(
	{ node: room, start }: Room,
	planned: (leaf: Leaf) => { plan: Plan; suggested: string | null } | null
): Fragment | null {
	const { schema } = room.type;
	const content: Node[] = [];
	const open: Open[] = [];
	const siblings = (depth: number) => open[depth - 1]?.children ?? content;
	const close = (depth: number) => {
		while (open.length > depth) {
			const frame = open.pop();
			if (frame) siblings(open.length).push(frame.type.create(frame.attrs, frame.children));
		}
	};
	let wasPlanned = false;
	try {
		for (const leaf of leavesOf({ node: room, start })) {
			const wanted = planned(leaf);
			const frames = wanted ? framesOf(wanted.plan, leaf, schema) : leaf.within.map(({ node, pos }) => openOf(node, pos));
			let shared = 0;
			if (wanted) while (shared < wanted.plan.shared && open[shared] && open[shared]?.type === frames[shared]?.type) shared++;
			else while (shared < frames.length && open[shared]?.origins.has(leaf.within[shared]?.pos ?? -1)) shared++;
			const next = frames[shared];
			const touching = open[shared];
			if (next && touching && (wanted || wasPlanned) && isList(next.type) && touching.type === next.type) shared++;
			close(shared);
			for (const [level, frame] of frames.entries()) {
				if (level >= shared) open.push(frame);
				else for (const origin of frame.origins) open[level]?.origins.add(origin);
			}
			siblings(open.length).push(wanted ? blockOf(wanted.plan, leaf.node, wanted.suggested) : leaf.node);
			wasPlanned = wanted !== null;
		}
		close(0);
		const made = Fragment.from(content);
		room.copy(made).check();
		return made;
	} catch {
		return null;
	}
}

const openOf = ({ type, attrs }: Node, pos: number): Open => ({ type, attrs, origins: new Set([pos]), children: [] });

function framesOf({ within }: Plan, leaf: Leaf, schema: Schema): Open[] {
	return within.map((holder, level) => {
		const type = typeOf(schema, holder.type);
		const now = leaf.within[level];
		const isKept = now?.node.type === type;
		const attrs = isKept && sameAttrs(ownAttrs(now.node), holder.attrs) ? now.node.attrs : holder.attrs;
		return { type, attrs, origins: new Set(isKept ? [now.pos] : []), children: [] };
	});
}

function blockOf(plan: Plan, node: Node, suggested: string | null): Node {
	const type = typeOf(node.type.schema, plan.type);
	// A whole stays what it is, only elsewhere.
	if (!node.isTextblock || isWhole(node)) return node.type.create({ ...node.attrs, suggested }, node.content);
	const marks = (one: Node) => one.mark(one.marks.filter((mark) => type.allowsMarkType(mark.type)));
	const words: Node[] = [];
	node.forEach((one) => words.push(marks(one)));
	return type.create({ ...plan.attrs, suggested }, words);
}

function typeOf(schema: Schema, name: string): NodeType {
	const type = schema.nodes[name];
	if (!type) throw new RangeError(`no block is called ${name}`);
	return type;
}

/**
 * How leaves shall stand so that one text becomes the other, by their positions in the first; null when more differs than
 * how they stand.
 */
export function plansBetween(before: Node, after: Node): Map<number, Plan> | null {
	const [rooms, others] = [roomsOf(before), roomsOf(after)];
	if (rooms.length !== others.length) return null;
	const plans = new Map<number, Plan>();
	for (const [index, room] of rooms.entries()) {
		const other = others[index];
		const found = other && plansInRoom(room, leavesOf(other));
		if (!found) return null;
		for (const [pos, plan] of found) plans.set(pos, plan);
	}
	return plans;
}

function plansInRoom(room: Room, wanted: readonly Leaf[]): Map<number, Plan> | null {
	const leaves = leavesOf(room);
	if (leaves.length !== wanted.length) return null;
	const plans = new Map<number, Plan>();
	const aims = wanted.map(standing);
	for (const [index, leaf] of leaves.entries()) {
		const [to, aim] = [wanted[index], aims[index]];
		if (!to || !aim || !saysTheSame(leaf.node, to.node)) return null;
		if (!samePlan({ ...standing(leaf), shared: aim.shared }, aim)) plans.set(leaf.pos, aim);
	}
	// Where what held two leaves is parted or becomes one, also a leaf that stands as before is planned.
	for (let round = 0; round < 2; round++) {
		const made = rebuilt(room, ({ pos }) => {
			const plan = plans.get(pos);
			return plan ? { plan, suggested: null } : null;
		});
		const result = made && leavesOf({ node: room.node.copy(made), start: 0 }).map(standing);
		const differing = result
			? aims.flatMap((aim, index) => (result[index] && samePlan(result[index], aim) ? [] : [index]))
			: null;
		if (differing?.length === 0) return plans;
		for (const index of differing ?? []) {
			const [leaf, aim] = [leaves[index], aims[index]];
			if (leaf && aim) plans.set(leaf.pos, aim);
		}
	}
	return null;
}

/** Whether two leaves hold the same, whatever they are called and whatever holds them. */
function saysTheSame(one: Node, other: Node): boolean {
	if (isWhole(one) || isWhole(other))
		return one.type === other.type && sameAttrs(one.attrs, other.attrs) && sameShape(one, other);
	if (one.type === other.type) return one.content.eq(other.content);
	const words = (node: Node) => node.textBetween(0, node.content.size, null, (leaf) => `\0${leaf.type.name}\0`);
	return one.isTextblock && other.isTextblock && one.content.size === other.content.size && words(one) === words(other);
}

/** Whether two wholes are the same but for what stands in the cells of a table: these are rooms of their own. */
function sameShape(one: Node, other: Node): boolean {
	if (one.type.spec.tableRole !== 'table') return one.content.eq(other.content);
	if (one.childCount !== other.childCount) return false;
	return one.children.every((row, index) => {
		const like = other.child(index);
		return (
			row.sameMarkup(like) &&
			row.childCount === like.childCount &&
			row.children.every((cell, place) => cell.sameMarkup(like.child(place)))
		);
	});
}
