import type { AppState, BinaryFiles } from '@excalidraw/excalidraw/types';
import type { Awareness } from 'y-protocols/awareness';
import { UndoManager } from 'yjs';
import type { Doc } from 'yjs';
import type { DocumentAuthors } from '#lib/documents/model.ts';
import { excalidrawAssets } from './assets.ts';
import { authorInks, colorsOf, nobody } from './colors.ts';
import type { Colors } from './colors.ts';
import { drawnBy, elementsOf, origin } from './document.ts';
import { preparePicture } from './images.ts';
import type { Picture } from './images.ts';
import type { Events, Island, Look } from './island.ts';
import { fitting, liveOf, peerOf, Strokes } from './live.ts';
import type { Peer, Telling } from './live.ts';
import { Pictures } from './pictures.ts';
import { keptOf } from './properties.ts';
import { BoardScene } from './scene.ts';
import type { Hand } from './scene.ts';
import { difference } from './words.ts';

/** What the board needs of a document that others draw in too. */
export interface SharedBoard {
	readonly documentId: string;
	readonly doc: Doc;
	readonly awareness: Awareness;
	beforeOthers: (() => void) | null;
}

/** Someone who drew here, in the view that shows who. */
export interface Artist {
	readonly id: string;
	readonly name: string | null;
	readonly color: string;
	readonly count: number;
}

/** How often one tells the others where one is, in milliseconds. */
const tellEvery = 60;
/** What the hand changes without letting go (typing, a slider) is written this often, in milliseconds. */
const saveEvery = 250;
/** A stroke that somebody let go of may take this long to arrive. */
const linger = 1_500;

/** One person at a shared board. */
export class BoardDesk {
	ready = $state(false);
	fault = $state(false);
	canUndo = $state(false);
	canRedo = $state(false);
	peers = $state.raw<Peer[]>([]);
	/** Whose view one follows. */
	following = $state<number | null>(null);
	/** Whether one asks everybody to look at what one sees. */
	presenting = $state(false);
	/** Requests that one has left. */
	declined = $state.raw<ReadonlySet<string>>(new Set());
	/** Those who drew, while their colours are shown. */
	artists = $state.raw<Artist[] | null>(null);
	writable = $state(false);
	/** Pictures that nobody else can see yet, and those that did not make it. */
	underWay = $state(0);
	failed = $state(0);
	/** Of a PDF that comes in: which page, of how many. */
	page = $state.raw<{ page: number; pages: number } | null>(null);
	empty = $state(false);

	readonly me: { id: string; name: string };
	readonly colors: Colors;
	/** Who asks to be looked at now: the one who asked last. */
	readonly presenter: Peer | null = $derived(
		this.peers
			.filter(({ telling }) => telling.present !== undefined)
			.toSorted((a, b) => b.telling.present! - a.telling.present!)[0] ?? null
	);

	readonly #shared: SharedBoard;
	readonly #undo: UndoManager;
	readonly #strokes = new Strokes();
	readonly #pictures: Pictures;
	#island: Island | null = null;
	#scene: BoardScene | null = null;
	#hand: Hand = { busy: false, editing: null };
	#composing = false;
	#pointer: { x: number; y: number; laser: boolean; down: boolean } | null = null;
	#selected: readonly string[] = [];
	#presentedAt: number | undefined;
	#saving: ReturnType<typeof setTimeout> | undefined;
	#telling: ReturnType<typeof setTimeout> | undefined;
	#lingering: ReturnType<typeof setTimeout> | undefined;
	#frame = 0;
	#told = '';
	#followedView = '';

	constructor(shared: SharedBoard) {
		this.#shared = shared;
		const user = (shared.awareness.getLocalState()?.user ?? {}) as { id?: string; name?: string };
		this.me = { id: user.id ?? '', name: user.name ?? '' };
		this.colors = colorsOf(this.me.id);
		this.#undo = new UndoManager(elementsOf(shared.doc), { trackedOrigins: new Set([origin]) });
		for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.#undo.on(event, this.#onStack);
		this.#pictures = new Pictures(shared.doc, shared.documentId, this.me.id, {
			hasFile: (id) => this.#island?.files()[id] !== undefined,
			addFile: (id, type, dataUrl) => this.#island?.addFile(id, type, dataUrl)
		});
		this.#pictures.onchange = () => {
			this.underWay = this.#pictures.underWay;
			this.failed = this.#pictures.failed;
			this.#wantPictures();
		};
		shared.awareness.on('change', this.#onAwareness);
		shared.beforeOthers = () => this.#save();
		document.addEventListener('visibilitychange', this.#onHide);
	}

	close(): void {
		this.#save();
		this.#shared.beforeOthers = null;
		clearTimeout(this.#saving);
		clearTimeout(this.#telling);
		clearTimeout(this.#lingering);
		cancelAnimationFrame(this.#frame);
		document.removeEventListener('visibilitychange', this.#onHide);
		this.#shared.awareness.off('change', this.#onAwareness);
		this.#shared.awareness.setLocalStateField('board', {});
		this.#undo.destroy();
		this.#pictures.close();
		this.#scene?.close();
		this.#island?.close();
	}

	/** Puts Excalidraw on an element of the page. */
	async open(target: HTMLElement, look: () => Look): Promise<void> {
		// Read by Excalidraw when it is loaded.
		Object.assign(window, { EXCALIDRAW_ASSET_PATH: excalidrawAssets });
		const { Island } = await import('./island.ts');
		const events: Events = {
			onchange: (state, files) => this.#onCanvas(state, files),
			onpointer: (pointer) => {
				this.#pointer = pointer;
				this.#tellSoon();
			},
			onfollow: (client) => this.#onFollow(client),
			onready: () => this.#onReady(),
			onfault: () => (this.fault = true)
		};
		this.#island = new Island(target, look(), events, this.colors);
	}

	look(look: Look): void {
		this.#island?.look(look);
	}

	#onReady(): void {
		const island = this.#island;
		if (!island || this.#scene) return;
		this.#scene = new BoardScene(this.#shared.doc, island, () => this.#refreshSoon());
		this.#undo.clear();
		this.#refresh();
	}

	/** The first time that all of the board is on the canvas. */
	#onFilled(): void {
		this.ready = true;
		if (!this.empty) this.#island?.lookAtAll();
		void this.#pictures.begin();
		this.#onAwareness();
	}

	#onCanvas(state: AppState, files: BinaryFiles): void {
		const busy = isBusy(state) || this.#composing;
		const letGo = this.#hand.busy && !busy;
		const left = this.#hand.editing !== null && state.editingTextElement?.id !== this.#hand.editing;
		this.#hand = { busy, editing: state.editingTextElement?.id ?? null };
		this.#selected = Object.keys(state.selectedElementIds);
		if (letGo || left) {
			// What one does in one go is undone in one go.
			this.#undo.stopCapturing();
			this.#save();
			this.#undo.stopCapturing();
			this.#refreshSoon();
		} else if (!busy) this.#saving ??= setTimeout(() => this.#save(), saveEvery);
		// Whoever moves the board by hand looks by oneself again.
		if (this.#followed && state.userToFollow === null) this.#onFollow(null);
		this.#followed = state.userToFollow !== null;
		this.#wantPictures(files);
		this.#tellSoon();
	}

	#save(): void {
		clearTimeout(this.#saving);
		this.#saving = undefined;
		if (!this.writable || this.artists || !this.#scene) return;
		this.#scene.save(this.#hand);
		this.empty = this.#scene.reading.ids.length === 0;
	}

	#refreshSoon(): void {
		cancelAnimationFrame(this.#frame);
		this.#frame = requestAnimationFrame(() => this.#refresh());
	}

	#refresh(): void {
		if (!this.#scene) return;
		this.#save();
		const more = this.#scene.refresh(this.#hand);
		this.empty = this.#scene.reading.ids.length === 0;
		if (!more && !this.ready) this.#onFilled();
		this.#updateText();
		if (this.artists) this.#countArtists();
		this.#wantPictures();
	}

	/** What others write in the text that is open here stands in it at once, and the caret stays where it was. */
	#updateText(): void {
		const { editing } = this.#hand;
		const field = document.querySelector<HTMLTextAreaElement>('textarea.excalidraw-wysiwyg');
		const words = editing && this.#scene?.reading.kept(editing)?.words;
		if (!field || this.#composing || typeof words !== 'string' || words === '' || field.value === words) return;
		const { start, oldEnd, newEnd } = difference(field.value, words);
		const shift = (at: number) => (at <= start ? at : at >= oldEnd ? at + newEnd - oldEnd : newEnd);
		const [from, to] = [shift(field.selectionStart), shift(field.selectionEnd)];
		field.value = words;
		field.setSelectionRange(from, to);
		field.dispatchEvent(new Event('input', { bubbles: true }));
	}

	compose(composing: boolean): void {
		this.#composing = composing;
		this.#hand = { ...this.#hand, busy: composing };
		if (!composing) this.#saving ??= setTimeout(() => this.#save(), 0);
	}

	undo(): void {
		this.#save();
		if (this.writable) this.#undo.undo();
		this.#refresh();
	}

	redo(): void {
		this.#save();
		if (this.writable) this.#undo.redo();
		this.#refresh();
	}

	/** A sticky note in the middle of what one sees, ready to be written on. */
	addNote(): void {
		const island = this.#island;
		if (!island || !this.writable) return;
		const [left, top, right, bottom] = island.view();
		const size = 180;
		const shift = (this.#notes++ % 5) * 24;
		const [x, y] = [(left + right - size) / 2 + shift, (top + bottom - size) / 2 + shift];
		island.take('selection');
		island.insert([
			{
				type: 'rectangle',
				x,
				y,
				width: size,
				height: size,
				strokeColor: 'transparent',
				backgroundColor: this.colors.note,
				fillStyle: 'solid',
				strokeWidth: 1,
				roughness: 0
			}
		]);
		this.#save();
		this.#undo.stopCapturing();
		island.write();
	}
	#notes = 0;

	/** A point of the page, on the board. */
	pointAt(x: number, y: number): { x: number; y: number } | undefined {
		return this.#island?.pointAt(x, y);
	}

	/** Puts pictures and the pages of PDFs on the board, from a point or from the middle of what one sees. */
	async addFiles(files: readonly File[], at?: { x: number; y: number }): Promise<void> {
		if (!this.#island || !this.writable) return;
		const [left, top, right, bottom] = this.#island.view();
		const from = at ?? { x: (left + right) / 2, y: (top + bottom) / 2 };
		for (const [index, file] of files.entries()) {
			const place = { x: from.x + index * 40, y: from.y + index * 40 };
			if (file.type === 'application/pdf') await this.#addPdf(file, place);
			else await this.#addPicture(await preparePicture(file), place);
		}
	}

	async #addPdf(file: File, { x, y }: { x: number; y: number }): Promise<void> {
		const { pagesOf } = await import('./pdf.ts');
		const width = 800;
		let top = y - 200;
		try {
			for await (const picture of pagesOf(file, (page, pages) => (this.page = { page, pages }))) {
				const height = (width * picture.height) / picture.width;
				await this.#place(picture, { x: x - width / 2, y: top, width, height }, true);
				top += height + 24;
			}
		} finally {
			this.page = null;
		}
	}

	async #addPicture(picture: Picture, { x, y }: { x: number; y: number }): Promise<void> {
		const scale = Math.min(1, 640 / Math.max(picture.width, picture.height));
		const [width, height] = [picture.width * scale, picture.height * scale];
		await this.#place(picture, { x: x - width / 2, y: y - height / 2, width, height }, false);
	}

	async #place(
		picture: Picture,
		box: { x: number; y: number; width: number; height: number },
		background: boolean
	): Promise<void> {
		const fileId = crypto.randomUUID().replaceAll('-', '');
		await this.#pictures.add(fileId, picture.file);
		this.#island?.insert([{ type: 'image', fileId, status: 'saved', ...box, locked: background }], background);
		this.#save();
		this.#undo.stopCapturing();
	}

	retryPictures(): void {
		this.#pictures.retry();
	}

	#wantPictures(files: BinaryFiles = this.#island?.files() ?? {}): void {
		if (!this.#island || !this.#scene) return;
		const ids = this.#island
			.elements()
			.flatMap(({ type, fileId, isDeleted }) => (type === 'image' && fileId && !isDeleted ? [String(fileId)] : []));
		if (ids.length > 0) this.#pictures.want(ids, (id) => (this.writable ? files[id]?.dataURL : undefined));
	}

	/** Shows who drew what, until it is called again; meanwhile nobody draws here. */
	async toggleArtists(ask: () => Promise<DocumentAuthors>): Promise<void> {
		if (this.artists) {
			this.artists = null;
			this.#scene?.paint(null);
			return;
		}
		this.#save();
		this.#authors = await ask();
		this.#countArtists();
		this.#scene?.paint((id) => this.#inkOf(this.#authorOf(id)));
	}
	#authors: DocumentAuthors = { people: [], clients: [], moved: [] };
	/** By client id; and the people in the order in which they came, so that neighbours differ and everybody sees the same. */
	#personOf = new Map<number, string>();
	#names = new Map<string, string | null>();

	#authorOf(id: string): string {
		return this.#personOf.get(drawnBy(this.#shared.doc, id) ?? -1) ?? '';
	}

	#inkOf(author: string): string {
		return authorInks[[...this.#names.keys()].indexOf(author) % authorInks.length] ?? nobody;
	}

	#countArtists(): void {
		const here = [...this.peers, { ...this.me, client: this.#shared.doc.clientID }];
		this.#personOf = new Map([
			...this.#authors.clients.map(({ client, personId }): [number, string] => [client, personId]),
			...here.map(({ client, id }): [number, string] => [client, id])
		]);
		this.#names = new Map([...this.#authors.people, ...here].map(({ id, name }) => [id, name]));
		const counts = new Map<string, number>();
		for (const id of this.#scene?.reading.ids ?? []) counts.set(this.#authorOf(id), (counts.get(this.#authorOf(id)) ?? 0) + 1);
		this.artists = [...counts]
			.map(([id, count]) => ({ id, name: this.#names.get(id) ?? null, color: this.#inkOf(id), count }))
			.toSorted((a, b) => b.count - a.count);
	}

	/** Asks everybody to look at what one sees, or stops asking. */
	present(): void {
		this.presenting = !this.presenting;
		this.#presentedAt = this.presenting ? Date.now() : undefined;
		if (this.presenting) this.#island?.follow(null);
		this.#tellSoon();
	}

	follow(peer: Peer | null): void {
		this.#island?.follow(peer ? { client: peer.client, name: peer.name } : null);
		this.#onFollow(peer?.client ?? null);
	}

	#onFollow(client: number | null): void {
		if (client === null && this.presenter && this.following === this.presenter.client) this.decline();
		this.following = client;
		this.#followedView = '';
		this.#tellSoon();
		this.#lookAlong();
	}

	#followed = false;

	/** Leaves the one who asked to be followed; one can come back. */
	decline(): void {
		if (this.presenter) this.declined = new Set([...this.declined, requestOf(this.presenter)]);
	}

	isDeclined(peer: Peer): boolean {
		return this.declined.has(requestOf(peer));
	}

	readonly #onAwareness = () => {
		const { awareness } = this.#shared;
		this.peers = [...awareness.getStates()].flatMap(([client, state]) => {
			const peer = client === awareness.clientID ? null : peerOf(client, state as Record<string, unknown>);
			return peer ? [peer] : [];
		});
		if (!this.#island || !this.#scene) return;
		this.#island.showPeople(
			this.peers.map(({ telling: { at, laser, down, selected }, ...person }) => ({
				...person,
				at,
				laser: laser === true,
				down: down === true,
				selected: selected ?? []
			}))
		);
		this.#preview();
		if (this.following !== null && !this.peers.some(({ client }) => client === this.following)) this.follow(null);
		// Whom a teacher asks follows at once, and can leave; whom a child asks is asked.
		const { presenter } = this;
		if (presenter && presenter.hat === 'teacher' && this.following === null && !this.presenting && !this.isDeclined(presenter))
			this.follow(presenter);
		if (this.following !== null && presenter === null && this.#followsRequest) this.follow(null);
		this.#followsRequest = presenter !== null && presenter.client === this.following;
		this.#lookAlong();
		this.#tellSoon();
	};
	#followsRequest = false;

	#preview(): void {
		const scene = this.#scene;
		if (!scene) return;
		scene.lingering = true;
		scene.preview(this.#strokes.previews(this.peers, (id) => scene.reading.kept(id)));
		clearTimeout(this.#lingering);
		this.#lingering = setTimeout(() => {
			scene.lingering = false;
			scene.preview(this.#strokes.previews(this.peers, (id) => scene.reading.kept(id)));
		}, linger);
	}

	#lookAlong(): void {
		const view = this.peers.find(({ client }) => client === this.following)?.telling.view;
		const key = String(view);
		if (!view || key === this.#followedView) return;
		this.#followedView = key;
		this.#island?.lookAt(view);
	}

	#tellSoon(): void {
		this.#telling ??= setTimeout(() => {
			this.#telling = undefined;
			this.#tell();
		}, tellEvery);
	}

	#tell(): void {
		if (!this.#island || !this.#scene) return;
		const { awareness } = this.#shared;
		const watched = this.presenting || this.peers.some(({ telling }) => telling.follow === awareness.clientID);
		const alone = this.peers.length === 0;
		const pointer = alone ? null : this.#pointer;
		const telling: Telling = fitting({
			...(pointer ? { at: [round(pointer.x), round(pointer.y)], laser: pointer.laser, down: pointer.down } : {}),
			...(this.#selected.length > 0 && !alone ? { selected: this.#selected } : {}),
			...(!alone && this.writable && this.#hand.busy && !this.#composing ? { live: this.#live() } : {}),
			...(watched ? { view: this.#island.view().map(round) as [number, number, number, number] } : {}),
			...(this.following === null ? {} : { follow: this.following }),
			...(this.#presentedAt === undefined ? {} : { present: this.#presentedAt })
		});
		const told = JSON.stringify(telling);
		if (told === this.#told) return;
		this.#told = told;
		awareness.setLocalStateField('board', telling);
	}

	#live() {
		const scene = this.#scene as BoardScene;
		return liveOf(
			scene.touched().flatMap((element) => {
				const kept = element.isDeleted || element.type === 'text' ? null : keptOf(element);
				return kept ? [{ id: element.id, kept, isNew: !scene.isShared(element.id) }] : [];
			})
		);
	}

	readonly #onStack = () => {
		this.canUndo = this.#undo.canUndo();
		this.canRedo = this.#undo.canRedo();
	};

	readonly #onHide = () => {
		if (document.visibilityState === 'hidden') this.#save();
	};
}

const round = (value: number): number => Math.round(value * 10) / 10;
const requestOf = ({ client, telling }: Peer): string => `${client}:${telling.present}`;

/** Whether the hand holds something that is not done: a stroke, a drag, a line of which one clicks the corners. */
function isBusy(state: AppState): boolean {
	if (state.multiElement || state.newElement) return true;
	return state.cursorButton === 'down' && state.editingTextElement === null;
}
