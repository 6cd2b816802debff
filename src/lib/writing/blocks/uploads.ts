import { Extension } from '@tiptap/core';
import type { Editor } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, Selection } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import type { Awareness } from 'y-protocols/awareness';
import { isImage } from '#lib/files/model.ts';
import { uploadFile } from '#lib/files/upload.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { Refused } from '#lib/ui/client.ts';
import { asItIs } from '../suggesting.ts';
import { placeBlocks } from './line-after.ts';
import { shrunk } from './shrink.ts';
import { nameIn, newName, numberIn, textIn } from './values.ts';

/** A file on its way into the text. */
export interface Underway {
	/** From 0 to 1; null when it is not on its way any more. */
	part: number | null;
	/** Of one's own: why it stopped. */
	problem: string | null;
	/** Of one's own picture: what to show meanwhile. */
	preview: string | null;
	/** Of somebody else's: who brings it. */
	who: string | null;
	mine: boolean;
}
const lost: Underway = { part: null, problem: null, preview: null, who: null, mine: false };

interface Own {
	file: File;
	part: number | null;
	problem: string | null;
	preview: string | null;
	stop: AbortController;
}

/** The files that this page brings into one text, and what is known of those of others. */
export class Uploads {
	readonly #documentId: string;
	readonly #awareness: Awareness;
	readonly #own = new Map<string, Own>();
	readonly #watchers = new Set<() => void>();
	#told = 0;
	#telling: ReturnType<typeof setTimeout> | undefined;
	editor: Editor | null = null;

	constructor(documentId: string, awareness: Awareness) {
		this.#documentId = documentId;
		this.#awareness = awareness;
		awareness.on('change', this.#changed);
	}

	/** Calls whenever something is known anew; answers what ends that. */
	watch(watcher: () => void): () => void {
		this.#watchers.add(watcher);
		return () => this.#watchers.delete(watcher);
	}

	/** What is known of an upload by the name that stands in its block. */
	of(upload: string): Underway {
		const own = this.#own.get(upload);
		if (own) return { part: own.part, problem: own.problem, preview: own.preview, who: null, mine: true };
		for (const [client, state] of this.#awareness.getStates()) {
			if (client === this.#awareness.clientID) continue;
			const parts = state.uploads as unknown;
			if (typeof parts !== 'object' || parts === null || !Object.hasOwn(parts, upload)) continue;
			const user = state.user as { name?: unknown } | undefined;
			return { ...lost, part: numberIn((parts as Record<string, unknown>)[upload], 0, 1) ?? 0, who: textIn(user?.name, 40) };
		}
		return lost;
	}

	/** Puts files into the text at a position, or where the caret is, and brings them. */
	insert(files: readonly File[], pos?: number): boolean {
		const { editor } = this;
		if (!editor?.isEditable || files.length === 0) return false;
		const { schema, selection } = editor.state;
		const named = files.slice(0, 20).map((file) => ({ file, upload: newName() }));
		const nodes = named.flatMap(({ file, upload }): Node[] => {
			const name = textIn(file.name, 200);
			const picture = isImage(file.type);
			const type = schema.nodes[picture ? 'picture' : 'attachment'];
			return type ? [type.create({ upload, name, bytes: file.size })] : [];
		});
		const { tr } = editor.state;
		placeBlocks(tr, nodes, pos ?? selection.to);
		if (!tr.docChanged) return false;
		editor.view.dispatch(tr.scrollIntoView());
		for (const { file, upload } of named) {
			this.#own.set(upload, {
				file,
				part: 0,
				problem: null,
				preview: isImage(file.type) ? URL.createObjectURL(file) : null,
				stop: new AbortController()
			});
			void this.#bring(upload);
		}
		this.#notify();
		return true;
	}

	/** Tries once more what stopped. */
	retry(upload: string): void {
		const own = this.#own.get(upload);
		if (!own || own.part !== null) return;
		own.stop = new AbortController();
		own.problem = null;
		own.part = 0;
		this.#notify();
		void this.#bring(upload);
	}

	/** Ends everything with the page. */
	close(): void {
		clearTimeout(this.#telling);
		this.#awareness.off('change', this.#changed);
		// What was begun goes on, and its block stays, only while somebody is there to finish it.
		for (const { preview, stop } of this.#own.values()) {
			stop.abort();
			if (preview) URL.revokeObjectURL(preview);
		}
		this.#own.clear();
		this.#watchers.clear();
	}

	/** Stops what nobody wants any more: its block was deleted. */
	keepOnly(there: ReadonlySet<string>): void {
		for (const [upload, own] of this.#own) if (own.part !== null && !there.has(upload)) own.stop.abort();
	}

	async #bring(upload: string): Promise<void> {
		const own = this.#own.get(upload);
		if (!own) return;
		try {
			const file = await uploadFile(this.#documentId, await shrunk(own.file), {
				signal: own.stop.signal,
				onprogress: (part) => {
					own.part = part;
					this.#notify();
				}
			});
			own.part = null;
			this.#place(upload, { src: file.url, name: file.name, bytes: file.bytes, type: file.type, w: file.width, h: file.height });
			this.#own.delete(upload);
			// The picture itself comes from the server by now.
			if (own.preview) setTimeout(() => URL.revokeObjectURL(own.preview ?? ''), 10_000);
		} catch (thrown) {
			own.part = null;
			own.problem = own.stop.signal.aborted
				? m['writing.uploadStopped']()
				: thrown instanceof Refused
					? thrown.message
					: m['error.offline']();
		}
		this.#notify();
	}

	/** Writes into the block what the server made of the file. Undoing then takes the whole block, not this. */
	#place(upload: string, file: Record<string, string | number | undefined>): void {
		const { editor } = this;
		if (!editor || editor.isDestroyed) return;
		const { tr } = editor.state;
		tr.doc.descendants((node, pos) => {
			if (nameIn(node.attrs.upload) !== upload) return;
			const picture = node.type.name === 'picture';
			const kept = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
			if (picture && !isImage(file.type)) {
				const attachment = editor.schema.nodes.attachment?.create({ ...kept, upload: null });
				if (attachment) tr.replaceWith(pos, pos + node.nodeSize, attachment);
				return false;
			}
			for (const [name, value] of Object.entries({ ...kept, upload: null })) tr.setNodeAttribute(pos, name, value);
			return false;
		});
		if (tr.docChanged) editor.view.dispatch(asItIs(tr.setMeta('addToHistory', false)));
	}

	readonly #changed = () => this.#each();
	#each(): void {
		for (const watcher of this.#watchers) watcher();
	}

	/** Tells this page at once, and others once a second. */
	#notify(): void {
		this.#each();
		const wait = Math.max(0, this.#told + 1_000 - Date.now());
		this.#telling ??= setTimeout(() => {
			this.#telling = undefined;
			this.#told = Date.now();
			const parts = [...this.#own].filter(([, { part }]) => part !== null).map(([upload, { part }]) => [upload, part] as const);
			const uploads = Object.fromEntries(
				parts.slice(0, 20).map(([upload, part]) => [upload, Math.round((part ?? 0) * 100) / 100])
			);
			this.#awareness.setLocalStateField('uploads', parts.length > 0 ? uploads : null);
		}, wait);
	}
}

/** Files that are pasted, dropped or chosen come into the text. */
export const FileDrop = Extension.create<{ uploads: Uploads | null }>({
	name: 'fileDrop',
	addOptions: () => ({ uploads: null }),
	onCreate() {
		if (this.options.uploads) this.options.uploads.editor = this.editor;
	},
	addProseMirrorPlugins() {
		const { uploads } = this.options;
		return [
			new Plugin({
				view: () => ({
					update({ state }, before) {
						if (state.doc === before.doc) return;
						const there = new Set<string>();
						state.doc.descendants(({ attrs }) => {
							const upload = nameIn(attrs.upload);
							if (upload !== null) there.add(upload);
						});
						uploads?.keepOnly(there);
					}
				}),
				props: {
					handlePaste: (_, event) => {
						const data = event.clipboardData;
						const files = [...(data?.files ?? [])];
						// An office puts a picture of a table beside the table itself: then the table is meant.
						const written = (data?.getData('text/html') ?? '').replace(/<(meta|img|!--|\/?(html|head|body))[^>]*>/gi, '').trim();
						if (files.length === 0 || (written !== '' && files.every(({ type }) => type.startsWith('image/')))) return false;
						return uploads?.insert(files) ?? false;
					},
					handleDrop: (view, event) => {
						const files = [...(event.dataTransfer?.files ?? [])];
						if (files.length === 0) return false;
						event.preventDefault();
						return uploads?.insert(files, placeAt(view, event)) ?? false;
					}
				}
			})
		];
	}
});

/** The end of the block over which something was dropped. */
function placeAt(view: EditorView, event: MouseEvent): number {
	const found = view.posAtCoords({ left: event.clientX, top: event.clientY });
	if (!found) return Selection.atEnd(view.state.doc).to;
	return found.pos;
}
