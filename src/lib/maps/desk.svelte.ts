import type { Awareness } from 'y-protocols/awareness';
import { UndoManager } from 'yjs';
import type { Doc, Transaction } from 'yjs';
import { hatOf, roles } from '#lib/spaces/model.ts';
import { Authors } from './authors.svelte.ts';
import { cuttingOf } from './branches.ts';
import type { Cutting } from './branches.ts';
import type { Peer, Sheet } from './context.ts';
import {
	addBranches,
	addNode,
	labelLink,
	linkNodes,
	linksOf,
	MapReader,
	moveNode,
	nodesOf,
	origin,
	removedOf,
	removeNodes,
	setCollapsed,
	setField,
	setLayout,
	setNote,
	setText,
	summarize,
	unlinkNodes
} from './document.ts';
import type { NodeContent } from './document.ts';
import { branchColors, childrenOf, isFree, noForest, subtree } from './forest.ts';
import type { Forest, Layout, MapImage, MapNode, MarkerKind } from './forest.ts';
import type { BranchColor } from './forest.ts';
import type { MapCommand } from './keys.ts';
import { nearest, picture } from './layout.ts';
import type { Box, Direction, Picture } from './layout.ts';
import { measurer } from './size.ts';
import type { Size } from './size.ts';

/** What the map needs of a document that others draw in too. */
export interface SharedMap {
	readonly documentId: string;
	readonly doc: Doc;
	readonly awareness: Awareness;
	hold(): void;
	release(): void;
}

export interface Drop {
	readonly id: string;
	readonly where: 'into' | 'before' | 'behind';
}

/** One person at a shared map: what is selected, typed and dragged here, and the acts that change the map. */
export class MapDesk implements Sheet {
	shown = $state.raw<Forest>(noForest);
	selected = $state<string | null>(null);
	/** Selected beside it. */
	chosen = $state.raw<ReadonlySet<string>>(new Set());
	editing = $state(false);
	/** What stands in the pen while it is not in the map yet: a word that is being composed. */
	draft = $state('');
	/** The next node that one points at gets a relation from the selected one. */
	linking = $state(false);
	dragged = $state<string | null>(null);
	drop = $state.raw<Drop | null>(null);
	peers = $state.raw<Peer[]>([]);
	lit = $state.raw<ReadonlySet<string>>(new Set());
	canUndo = $state(false);
	canRedo = $state(false);
	writable = $state(false);
	/** What is measured on the page: texts with formulas. */
	measured = $state.raw<ReadonlyMap<string, Size>>(new Map());
	/** The layout while nobody has chosen one for the map. */
	usual = $state<Layout>('both');
	searching = $state(false);
	/** What others did to the node one was at, for a while. */
	lost = $state('');
	/** Where the keyboard goes: the text field at the selected node. */
	pen: HTMLTextAreaElement | null = null;
	readonly authors: Authors;

	readonly layout: Layout = $derived(this.shown.layout ?? this.usual);
	readonly #size = $derived(measurer(this.measured));
	readonly picture: Picture = $derived(picture(this.shown, this.layout, this.#size));
	readonly node: MapNode | null = $derived(this.shown.nodes.get(this.selected ?? '') ?? null);
	/** Everything that is selected, in the order of the map. */
	readonly all: string[] = $derived([...new Set([...(this.selected === null ? [] : [this.selected]), ...this.chosen])]);

	readonly #shared: SharedMap;
	readonly #reader: MapReader;
	readonly #stop: () => void;
	readonly #undo: UndoManager;
	/** A node that was just made; it goes away again when nothing is written into it. */
	#fresh: string | null = null;
	#frame = 0;

	constructor(shared: SharedMap) {
		this.#shared = shared;
		this.#reader = new MapReader(shared.doc);
		this.shown = this.#reader.forest;
		this.selected = this.shown.roots[0]?.id ?? null;
		this.#undo = new UndoManager([nodesOf(shared.doc), linksOf(shared.doc), removedOf(shared.doc)], {
			trackedOrigins: new Set([origin])
		});
		for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.#undo.on(event, this.#onStack);
		this.#stop = this.#reader.follow(this.#onChange);
		this.authors = new Authors(shared);
		shared.awareness.on('change', this.#onAwareness);
		this.#onAwareness();
	}

	close(): void {
		cancelAnimationFrame(this.#frame);
		this.#stop();
		this.#shared.awareness.off('change', this.#onAwareness);
		this.#undo.destroy();
		this.authors.close();
		this.release();
	}

	get documentId(): string {
		return this.#shared.documentId;
	}

	get doc(): Doc {
		return this.#shared.doc;
	}

	select(id: string | null): void {
		if (this.linking && id !== null) return this.#link(id);
		if (this.chosen.size > 0) this.chosen = new Set();
		this.#step(id);
	}

	/** Selects a node beside what is selected, or lets go of it. */
	choose(id: string): void {
		if (this.selected === null) return this.select(id);
		if (id === this.selected) return;
		this.finish();
		this.chosen = this.chosen.has(id) ? new Set([...this.chosen].filter((each) => each !== id)) : new Set([...this.chosen, id]);
	}

	/** Goes to a node of which an ancestor may be folded. */
	reveal(id: string): void {
		if (this.writable)
			for (let up = this.shown.nodes.get(id)?.parent ?? null; up !== null; up = this.shown.nodes.get(up)?.parent ?? null)
				if (this.shown.nodes.get(up)?.collapsed) setCollapsed(this.doc, up, false);
		this.select(id);
	}

	#step(id: string | null): void {
		if (id === this.selected) return;
		this.finish();
		this.selected = id;
		this.#shared.awareness.setLocalStateField('map', { node: id });
	}

	/** Gives the keyboard to the selected node. */
	focus(): void {
		this.pen?.focus({ preventScroll: true });
	}

	edit(): void {
		if (!this.writable || !this.selected) return;
		this.draft = this.node?.text ?? '';
		this.editing = true;
		this.#undo.stopCapturing();
		this.focus();
	}

	/** Typing on a selected node replaces its text. */
	startReplacing(): void {
		if (this.editing) return;
		this.editing = true;
		this.#undo.stopCapturing();
	}

	write(text: string): void {
		this.draft = text;
		if (this.writable && this.selected) setText(this.doc, this.selected, text);
	}

	finish(): void {
		if (!this.editing) return;
		this.editing = false;
		this.draft = '';
		this.#undo.stopCapturing();
		if (this.#fresh !== null && this.#fresh === this.selected && this.node?.text.trim() === '' && this.node.children.length === 0)
			this.remove();
		this.#fresh = null;
	}

	hold(): void {
		this.#shared.hold();
	}

	release(): void {
		this.#shared.release();
	}

	/** One act of this person on the map as it is now, and one step for undoing. */
	#act(change: (shown: Forest) => void): void {
		if (!this.writable) return;
		this.#read();
		this.#undo.stopCapturing();
		change(this.shown);
		this.#undo.stopCapturing();
	}

	/** Adds a node and starts to write in it. */
	add(place: { parent: string | null; after?: string | null } & NodeContent): void {
		if (!this.writable) return;
		this.finish();
		this.#act((shown) => {
			if (place.parent !== null && shown.nodes.get(place.parent)?.collapsed) setCollapsed(this.doc, place.parent, false);
			const id = addNode(this.doc, { ...place, color: this.#colorFor(place.parent) }, this.shown);
			this.select(id);
			this.#fresh = id;
		});
		this.edit();
	}

	addChild(): void {
		this.add({ parent: this.selected });
	}

	addSibling(before = false): void {
		const { node } = this;
		if (!node || node.parent === null || node.over) return this.addChild();
		const siblings = childrenOf(this.shown, node.parent);
		this.add({ parent: node.parent, after: before ? (siblings[siblings.indexOf(node) - 1]?.id ?? null) : node.id });
	}

	remove(): void {
		const { node } = this;
		if (!this.writable || !node) return;
		const going = new Set(this.all.flatMap((id) => subtree(this.shown.nodes.get(id)).map((each) => each.id)));
		const siblings = childrenOf(this.shown, node.parent);
		const at = siblings.indexOf(node);
		const next =
			siblings.slice(at + 1).find(({ id }) => !going.has(id)) ??
			siblings.slice(0, Math.max(0, at)).findLast(({ id }) => !going.has(id));
		this.editing = false;
		const { all } = this;
		this.select(next?.id ?? (node.parent !== null && !going.has(node.parent) ? node.parent : null));
		this.#act((shown) => removeNodes(this.doc, all, shown));
		this.focus();
	}

	toggleFold(id = this.selected): void {
		const node = this.shown.nodes.get(id ?? '');
		if (this.writable && node && node.children.length > 0) setCollapsed(this.doc, node.id, !node.collapsed);
	}

	/** Folds every branch below a depth, or unfolds all. */
	foldBelow(depth: number | null): void {
		this.#act((shown) =>
			this.doc.transact(() => {
				for (const node of shown.nodes.values()) {
					const folded = depth !== null && node.depth >= depth && node.children.length > 0;
					if (node.collapsed !== folded) setCollapsed(this.doc, node.id, folded);
				}
			}, origin)
		);
	}

	paint(color: BranchColor | null): void {
		this.#act(() => this.all.forEach((id) => setField(this.doc, id, 'color', color)));
	}

	mark(kind: MarkerKind, value: string | null): void {
		this.#act((shown) => {
			const same = this.all.every((id) => shown.nodes.get(id)?.markers[kind] === value);
			this.doc.transact(() => this.all.forEach((id) => setField(this.doc, id, kind, same ? null : value)), origin);
		});
	}

	setHref(href: string | null): void {
		this.#act(() => this.selected && setField(this.doc, this.selected, 'href', href));
	}

	setImage(image: MapImage | null, id = this.selected): void {
		this.#act(() => id !== null && setField(this.doc, id, 'image', image));
	}

	writeNote(note: string): void {
		if (this.writable && this.selected) setNote(this.doc, this.selected, note);
	}

	/** Draws a boundary around what is selected, or takes it away. */
	toggleFrame(): void {
		this.#act((shown) => {
			const range = this.#range(shown);
			if (!range) return;
			const [first, last] = range;
			setField(this.doc, first.id, 'frame', first.frame ? null : { upTo: last === first ? null : last.id, title: '' });
		});
	}
	titleFrame(title: string): void {
		const { node } = this;
		if (this.writable && node?.frame) setField(this.doc, node.id, 'frame', { ...node.frame, title });
	}

	/** Sums up what is selected in a node of its own, and begins to write there. */
	summarize(): void {
		let made: string | null = null;
		this.#act((shown) => {
			const range = this.#range(shown);
			if (range) made = summarize(this.doc, range[0].id, range[1].id, shown);
		});
		if (made === null) return;
		this.select(made);
		this.#fresh = made;
		this.edit();
	}

	/** From the first to the last of what is selected, when they are siblings. */
	#range(shown: Forest): [MapNode, MapNode] | null {
		const nodes = this.all.flatMap((id) => shown.nodes.get(id) ?? []);
		const parent = nodes[0]?.parent;
		if (!nodes[0] || parent === null || parent === undefined || nodes.some((node) => node.parent !== parent || node.over))
			return null;
		const siblings = childrenOf(shown, parent);
		const places = nodes.map((node) => siblings.indexOf(node));
		return [siblings[Math.min(...places)]!, siblings[Math.max(...places)]!];
	}
	readonly canSum: boolean = $derived(this.#range(this.shown) !== null);

	setLayout(layout: Layout): void {
		if (this.writable) setLayout(this.doc, layout);
		else this.usual = layout;
	}

	colorOf(id: string): string {
		return `branch-${this.branchColorOf(id)}`;
	}

	/** The colour that a node is drawn in: its own, or that of its branch. */
	branchColorOf(id: string): BranchColor {
		return branchColorOf(this.shown, id);
	}

	tintOf(id: string): string | null {
		return this.authors.shown ? this.authors.colorOf(id) : null;
	}

	go(direction: Direction): void {
		const next = this.selected ? nearest(this.picture.boxes, this.selected, direction) : this.shown.roots[0]?.id;
		if (next) this.select(next);
	}

	/** Takes the next sibling in too. */
	extend(direction: Direction): void {
		const { node } = this;
		if (!node) return;
		const siblings = childrenOf(this.shown, node.parent);
		const places = this.all.map((id) => siblings.findIndex((each) => each.id === id)).filter((place) => place >= 0);
		const back = direction === 'up' || direction === 'left';
		const next = siblings[back ? Math.min(...places) - 1 : Math.max(...places) + 1];
		if (next) this.chosen = new Set([...this.chosen, next.id]);
	}

	/** Moves the selected node among its siblings, out to its grandparent, or in under its neighbour. */
	carry(direction: Direction): void {
		const { node } = this;
		if (!node) return;
		const side = this.picture.boxes.get(node.id)?.side ?? 'right';
		const [back, on] = side === 'down' ? (['left', 'right'] as const) : (['up', 'down'] as const);
		const outward: Direction = side;
		if (direction === outward) return this.indent();
		if (direction !== back && direction !== on) return void this.outdent();
		this.#act((shown) => {
			const siblings = childrenOf(shown, node.parent);
			const to = siblings.findIndex(({ id }) => id === node.id) + (direction === back ? -1 : 1);
			if (to >= 0 && to < siblings.length) moveNode(this.doc, node.id, { parent: node.parent, index: to }, shown);
		});
	}

	/** Hangs the selected node under the sibling before it. */
	indent(): void {
		this.#act((shown) => {
			const node = shown.nodes.get(this.selected ?? '');
			if (!node) return;
			const siblings = childrenOf(shown, node.parent);
			const before = siblings[siblings.indexOf(node) - 1];
			if (before) moveNode(this.doc, node.id, { parent: before.id }, shown);
		});
	}

	/** Takes the selected node out of its parent, to stand right after it. */
	outdent(): boolean {
		let moved = false;
		this.#act((shown) => {
			const node = shown.nodes.get(this.selected ?? '');
			const parent = shown.nodes.get(node?.parent ?? '');
			if (!node || !parent || parent.parent === null) return;
			const index = childrenOf(shown, parent.parent).indexOf(parent) + 1;
			moved = moveNode(this.doc, node.id, { parent: parent.parent, index }, shown);
		});
		return moved;
	}

	/** Where a dragged node would land: on the node at a point of the plane, before or behind it, if it may stand there. */
	aim([x, y]: readonly [number, number]): void {
		const { dragged } = this;
		this.drop = null;
		if (dragged === null) return;
		for (const [id, box] of this.picture.boxes) {
			if (id === dragged || x < box.x - 8 || x > box.x + box.width + 8 || y < box.y - 4 || y > box.y + box.height + 4) continue;
			const node = this.shown.nodes.get(id)!;
			const share = box.side === 'down' ? (x - box.x) / box.width : (y - box.y) / box.height;
			const beside = node.parent !== null && !node.over && (share < 0.28 || share > 0.72);
			const where = beside ? (share < 0.5 ? 'before' : 'behind') : 'into';
			if (isFree(this.shown, dragged, beside ? node.parent : id)) this.drop = { id, where };
			return;
		}
	}

	/** Ends a drag at a point where the middle of the dragged node is. */
	land(at: readonly [number, number]): void {
		const { dragged, drop } = this;
		this.dragged = null;
		this.drop = null;
		const node = this.shown.nodes.get(dragged ?? '');
		if (!node) return;
		if (!drop) {
			if (node.parent === null || this.#isFar(node.id, at))
				this.#act((shown) => moveNode(this.doc, node.id, { parent: null, at: { x: at[0], y: at[1] } }, shown));
			return;
		}
		this.#act((shown) => {
			const target = shown.nodes.get(drop.id);
			if (!target) return;
			if (drop.where === 'into') {
				if (node.parent !== target.id || node.over) moveNode(this.doc, node.id, { parent: target.id }, shown);
				return;
			}
			const siblings = childrenOf(shown, target.parent).filter(({ id }) => id !== node.id);
			const index = siblings.findIndex(({ id }) => id === target.id) + (drop.where === 'behind' ? 1 : 0);
			moveNode(this.doc, node.id, { parent: target.parent, index }, shown);
		});
	}

	/** Whether a point is so far from everything that a node dropped there means to stand alone. */
	#isFar(id: string, [x, y]: readonly [number, number]): boolean {
		const near = (box: Box) => x > box.x - 60 && x < box.x + box.width + 60 && y > box.y - 60 && y < box.y + box.height + 60;
		const own = new Set(subtree(this.shown.nodes.get(id)).map((node) => node.id));
		const home = this.picture.boxes.get(id);
		return !(home && near(home)) && ![...this.picture.boxes].some(([other, box]) => !own.has(other) && near(box));
	}

	copy(): Cutting {
		return cuttingOf(this.shown, this.all);
	}

	/** Hangs what was copied under the selected node. */
	paste({ branches, relations }: Cutting, under = this.selected): void {
		this.#act((shown) => {
			if (under !== null && shown.nodes.get(under)?.collapsed) setCollapsed(this.doc, under, false);
			const [first] = addBranches(this.doc, under, branches, relations);
			if (first) this.select(first);
		});
	}

	unlink(linkId: string): void {
		this.#act(() => unlinkNodes(this.doc, linkId));
	}
	label(linkId: string, text: string): void {
		if (this.writable) labelLink(this.doc, linkId, text);
	}

	undo(): void {
		if (this.writable) this.#undo.undo();
	}

	redo(): void {
		if (this.writable) this.#undo.redo();
	}

	/** Does what a key press means; false when the key keeps its own meaning. */
	do(command: MapCommand): boolean {
		if (!this.writable && !['go', 'leave', 'extend', 'search'].includes(command.act)) return false;
		switch (command.act) {
			case 'child':
				this.addChild();
				break;
			case 'sibling':
				this.addSibling();
				break;
			case 'siblingBefore':
				this.addSibling(true);
				break;
			case 'edit':
				this.edit();
				break;
			case 'finish':
				this.finish();
				break;
			case 'finishAndChild':
				this.finish();
				this.addChild();
				break;
			case 'outdent':
				// Where there is no way out in the map, the key leaves it.
				return this.outdent();
			case 'remove':
				this.remove();
				break;
			case 'fold':
				this.toggleFold();
				break;
			case 'undo':
				this.undo();
				break;
			case 'redo':
				this.redo();
				break;
			case 'search':
				this.searching = true;
				break;
			case 'go':
				this.go(command.direction);
				break;
			case 'extend':
				this.extend(command.direction);
				break;
			case 'carry':
				this.carry(command.direction);
				break;
			case 'leave':
				if (this.linking) this.linking = false;
				else if (this.chosen.size > 0) this.chosen = new Set();
				else this.pen?.blur();
		}
		return true;
	}

	#link(to: string): void {
		this.linking = false;
		const from = this.selected;
		this.#act((shown) => from !== null && linkNodes(this.doc, from, to, '', shown));
	}

	/** Every main branch has a colour of its own; what grows on it inherits it. */
	#colorFor(parent: string | null): BranchColor | undefined {
		const above = this.shown.nodes.get(parent ?? '');
		return above?.depth === 0 ? branchColors[above.children.length % branchColors.length] : undefined;
	}

	readonly #onChange = (transaction: Transaction) => {
		cancelAnimationFrame(this.#frame);
		// Our own acts go on with what they made; what others do may come in bursts and is drawn once a frame.
		if (transaction.local) this.#read();
		else this.#frame = requestAnimationFrame(() => this.#read());
	};

	#read(): void {
		const before = this.shown;
		this.shown = this.#reader.read();
		if (this.shown === before) return;
		if (this.chosen.size > 0 && [...this.chosen].some((id) => !this.shown.nodes.has(id)))
			this.chosen = new Set([...this.chosen].filter((id) => this.shown.nodes.has(id)));
		if (this.selected !== null && !this.shown.nodes.has(this.selected)) this.#fallBack(before);
		else if (this.selected === null) this.selected = this.shown.roots[0]?.id ?? null;
	}

	/** The selected node is gone: selects what is left above it. */
	#fallBack(before: Forest): void {
		if (this.editing) this.lost = before.nodes.get(this.selected ?? '')?.text ?? '';
		let up = this.selected;
		while (up !== null && !this.shown.nodes.has(up)) up = before.nodes.get(up)?.parent ?? null;
		this.editing = false;
		this.draft = '';
		this.#fresh = null;
		this.selected = up ?? this.shown.roots[0]?.id ?? null;
	}

	readonly #onStack = () => {
		this.canUndo = this.#undo.canUndo();
		this.canRedo = this.#undo.canRedo();
	};

	readonly #onAwareness = () => {
		const { awareness } = this.#shared;
		this.peers = [...awareness.getStates()].flatMap(([client, state]) => (client === awareness.clientID ? [] : peerOf(state)));
	};
}

export function branchColorOf(shown: Forest, id: string): BranchColor {
	for (let node = shown.nodes.get(id); node; node = shown.nodes.get(node.parent ?? '')) {
		if (node.color) return node.color;
		if (node.depth === 1)
			return branchColors[Math.max(0, childrenOf(shown, node.parent).indexOf(node)) % branchColors.length] ?? branchColors[0];
	}
	return branchColors[0];
}

function peerOf(state: Record<string, unknown>): Peer[] {
	const user = (state.user ?? {}) as Record<string, unknown>;
	const at = (state.map ?? {}) as Record<string, unknown>;
	if (typeof user.name !== 'string' || typeof at.node !== 'string') return [];
	return [{ name: user.name, hat: hatOf(roles.find((role) => role === user.role) ?? 'student'), node: at.node }];
}
