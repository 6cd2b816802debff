import type { Awareness } from 'y-protocols/awareness';
import { UndoManager } from 'yjs';
import type { Doc, Transaction } from 'yjs';
import { hatOf, roles } from '#lib/spaces/model.ts';
import type { Hat } from '#lib/spaces/model.ts';
import {
	addNode,
	branchColors,
	childrenOf,
	forest,
	isFree,
	linkNodes,
	linksOf,
	moveNode,
	nodesOf,
	origin,
	removedOf,
	removeNode,
	setCollapsed,
	setColor,
	setText,
	unlinkNodes
} from './document.ts';
import type { BranchColor, Forest, MapNode } from './document.ts';
import type { MapCommand } from './keys.ts';
import { layout, nearest } from './layout.ts';
import type { Box, Direction, Growth } from './layout.ts';

/** What the map needs of a document that others draw in too. */
export interface SharedMap {
	readonly doc: Doc;
	readonly awareness: Awareness;
	hold(): void;
	release(): void;
}

/** Someone else on the map, and the node they are at. */
export interface Peer {
	readonly name: string;
	readonly hat: Hat;
	readonly node: string;
}

/** One person at a shared map: what is selected, typed and dragged here, and the acts that change the map. */
export class MapDesk {
	shown = $state.raw<Forest>({ roots: [], nodes: new Map(), links: [] });
	growth = $state<Growth>('both');
	selected = $state<string | null>(null);
	editing = $state(false);
	/** What stands in the pen while it is not in the map yet: a word that is being composed. */
	draft = $state('');
	/** The next node that one points at gets a relation from the selected one. */
	linking = $state(false);
	dragged = $state<string | null>(null);
	dropTarget = $state<string | null>(null);
	peers = $state.raw<Peer[]>([]);
	canUndo = $state(false);
	canRedo = $state(false);
	writable = $state(false);
	/** Where the keyboard goes: the text field at the selected node. */
	pen: HTMLTextAreaElement | null = null;

	readonly boxes: Map<string, Box> = $derived(layout(this.shown, this.growth));
	readonly node: MapNode | null = $derived(this.shown.nodes.get(this.selected ?? '') ?? null);

	readonly #shared: SharedMap;
	readonly #undo: UndoManager;
	/** A node that was just made; it goes away again when nothing is written into it. */
	#fresh: string | null = null;
	#frame = 0;

	constructor(shared: SharedMap) {
		this.#shared = shared;
		this.shown = forest(shared.doc);
		this.selected = this.shown.roots[0]?.id ?? null;
		this.#undo = new UndoManager([nodesOf(shared.doc), linksOf(shared.doc), removedOf(shared.doc)], {
			trackedOrigins: new Set([origin])
		});
		for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.#undo.on(event, this.#onStack);
		shared.doc.on('update', this.#onUpdate);
		shared.awareness.on('change', this.#onAwareness);
		this.#onAwareness();
	}

	close(): void {
		cancelAnimationFrame(this.#frame);
		this.#shared.doc.off('update', this.#onUpdate);
		this.#shared.awareness.off('change', this.#onAwareness);
		this.#undo.destroy();
		this.release();
	}

	get doc(): Doc {
		return this.#shared.doc;
	}

	select(id: string | null): void {
		if (this.linking && id !== null) return this.#link(id);
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

	/** Adds a node and starts to write in it. */
	add(place: { parent: string | null; after?: string }, text = ''): void {
		if (!this.writable) return;
		this.finish();
		this.#undo.stopCapturing();
		if (place.parent !== null && this.shown.nodes.get(place.parent)?.collapsed) setCollapsed(this.doc, place.parent, false);
		const id = addNode(this.doc, { ...place, text, color: this.#colorFor(place.parent) });
		this.#undo.stopCapturing();
		this.select(id);
		this.#fresh = id;
		this.edit();
	}

	addChild(): void {
		this.add({ parent: this.selected });
	}

	addSibling(): void {
		if (!this.node || this.node.parent === null) return this.addChild();
		this.add({ parent: this.node.parent, after: this.node.id });
	}

	remove(): void {
		const node = this.node;
		if (!this.writable || !node) return;
		const siblings = childrenOf(this.shown, node.parent);
		const at = siblings.indexOf(node);
		const next = siblings[at + 1] ?? siblings[at - 1];
		this.editing = false;
		this.#undo.stopCapturing();
		removeNode(this.doc, node.id);
		this.select(next?.id ?? node.parent);
		this.focus();
	}

	toggleFold(id = this.selected): void {
		const node = this.shown.nodes.get(id ?? '');
		if (this.writable && node && node.children.length > 0) setCollapsed(this.doc, node.id, !node.collapsed);
	}

	paint(color: BranchColor | null): void {
		if (this.writable && this.selected) setColor(this.doc, this.selected, color);
	}

	/** The colour that a node is drawn in: its own, or that of its branch. */
	colorOf(id: string): BranchColor {
		for (let node = this.shown.nodes.get(id); node; node = this.shown.nodes.get(node.parent ?? '')) {
			if (node.color) return node.color;
			if (node.depth === 1)
				return branchColors[childrenOf(this.shown, node.parent).indexOf(node) % branchColors.length] ?? branchColors[0];
		}
		return branchColors[0];
	}

	go(direction: Direction): void {
		const next = this.selected ? nearest(this.boxes, this.selected, direction) : this.shown.roots[0]?.id;
		if (next) this.select(next);
	}

	/** Moves the selected node among its siblings, out to its grandparent, or in under its neighbour. */
	carry(direction: Direction): void {
		const node = this.node;
		if (!this.writable || !node) return;
		const siblings = childrenOf(this.shown, node.parent);
		const at = siblings.indexOf(node);
		this.#undo.stopCapturing();
		if (direction === 'up' && at > 0) moveNode(this.doc, node.id, { parent: node.parent, index: at - 1 });
		if (direction === 'down' && at < siblings.length - 1) moveNode(this.doc, node.id, { parent: node.parent, index: at + 1 });
		if (direction === this.#outward(node)) this.indent();
		else if (direction === 'left' || direction === 'right') this.outdent();
	}

	/** Hangs the selected node under the sibling before it. */
	indent(): void {
		const { node } = this;
		if (!this.writable || !node) return;
		const siblings = childrenOf(this.shown, node.parent);
		const before = siblings[siblings.indexOf(node) - 1];
		if (before) moveNode(this.doc, node.id, { parent: before.id });
	}

	/** Takes the selected node out of its parent, to stand right after it. */
	outdent(): void {
		const { node } = this;
		const parent = this.shown.nodes.get(node?.parent ?? '');
		if (!this.writable || !node || !parent || parent.parent === null) return;
		moveNode(this.doc, node.id, { parent: parent.parent, index: childrenOf(this.shown, parent.parent).indexOf(parent) + 1 });
	}

	/** Where a dragged node would land: on the node at a point of the plane, if it may hang there. */
	aim(point: { x: number; y: number }): void {
		const hit = [...this.boxes].find(([id, box]) => id !== this.dragged && contains(box, point));
		this.dropTarget = hit && this.dragged && isFree(this.shown, this.dragged, hit[0]) ? hit[0] : null;
	}

	/** Ends a drag; returns whether the node found a new place. */
	drop(): boolean {
		const { dragged, dropTarget } = this;
		this.dragged = null;
		this.dropTarget = null;
		if (!this.writable || dragged === null || dropTarget === null || this.shown.nodes.get(dragged)?.parent === dropTarget)
			return false;
		this.#undo.stopCapturing();
		return moveNode(this.doc, dragged, { parent: dropTarget });
	}

	unlink(linkId: string): void {
		if (this.writable) unlinkNodes(this.doc, linkId);
	}

	undo(): void {
		if (this.writable) this.#undo.undo();
	}

	redo(): void {
		if (this.writable) this.#undo.redo();
	}

	/** Does what a key press means; false when the key keeps its own meaning. */
	do(command: MapCommand): boolean {
		if (!this.writable && command.act !== 'go' && command.act !== 'leave') return false;
		switch (command.act) {
			case 'child':
				this.addChild();
				break;
			case 'sibling':
				this.addSibling();
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
			case 'go':
				this.go(command.direction);
				break;
			case 'carry':
				this.carry(command.direction);
				break;
			case 'leave':
				if (this.linking) this.linking = false;
				else this.pen?.blur();
		}
		return true;
	}

	#link(to: string): void {
		this.linking = false;
		if (this.writable && this.selected) linkNodes(this.doc, this.selected, to);
	}

	#outward(node: MapNode): Direction {
		return this.boxes.get(node.id)?.side === 'left' ? 'left' : 'right';
	}

	/** Every main branch has a colour of its own; what grows on it inherits it. */
	#colorFor(parent: string | null): BranchColor | undefined {
		const above = this.shown.nodes.get(parent ?? '');
		return above?.depth === 0 ? branchColors[above.children.length % branchColors.length] : undefined;
	}

	readonly #onUpdate = (_update: Uint8Array, _origin: unknown, _doc: Doc, transaction: Transaction) => {
		cancelAnimationFrame(this.#frame);
		// Our own acts go on with what they made; what others do may come in bursts and is drawn once a frame.
		if (transaction.local) this.#read();
		else this.#frame = requestAnimationFrame(() => this.#read());
	};

	#read(): void {
		const before = this.shown;
		this.shown = forest(this.doc);
		if (this.selected !== null && !this.shown.nodes.has(this.selected)) this.#fallBack(before);
		else if (this.selected === null) this.selected = this.shown.roots[0]?.id ?? null;
	}

	/** The selected node is gone: selects what is left above it. */
	#fallBack(before: Forest): void {
		let up = this.selected;
		while (up !== null && !this.shown.nodes.has(up)) up = before.nodes.get(up)?.parent ?? null;
		this.editing = false;
		this.draft = '';
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

function peerOf(state: Record<string, unknown>): Peer[] {
	const user = (state.user ?? {}) as Record<string, unknown>;
	const at = (state.map ?? {}) as Record<string, unknown>;
	if (typeof user.name !== 'string' || typeof at.node !== 'string') return [];
	return [{ name: user.name, hat: hatOf(roles.find((role) => role === user.role) ?? 'student'), node: at.node }];
}

const contains = (box: Box, { x, y }: { x: number; y: number }): boolean =>
	x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
