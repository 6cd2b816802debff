import { Node, mergeAttributes } from '@tiptap/core';
import { fileIdOf, fileUrl } from '#lib/files/model.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { mounted } from './mounted.svelte.ts';
import type { PictureProps } from './Picture.svelte';
import type { Uploads } from './uploads.ts';
import { nameIn, numberIn, textIn } from './values.ts';

/** The address of a file of the space; null for every other address: nothing is fetched from elsewhere. */
export function srcIn(value: unknown): string | null {
	const id = fileIdOf(value);
	return id === null ? null : fileUrl(id);
}

export interface FileOptions {
	uploads: Uploads | null;
}

/** What a picture says of itself, whatever stands in its attributes. */
export const pictureIn = (attrs: Readonly<Record<string, unknown>>) => ({
	src: srcIn(attrs.src),
	upload: nameIn(attrs.upload),
	name: textIn(attrs.name),
	alt: textIn(attrs.alt, 500),
	/** How much of the text's width it takes, in percent; null: as much as it has. */
	width: numberIn(attrs.width, 10, 100),
	w: numberIn(attrs.w, 1, 100_000),
	h: numberIn(attrs.h, 1, 100_000)
});
export type PictureAttributes = ReturnType<typeof pictureIn>;

const hidden = { default: null, rendered: false };

/** A picture with what is written below it. */
export const Picture = Node.create<FileOptions>({
	name: 'picture',
	group: 'block',
	content: 'inline*',
	draggable: true,
	isolating: true,
	defining: true,
	addOptions: () => ({ uploads: null }),
	addAttributes: () => ({
		src: hidden,
		upload: hidden,
		name: hidden,
		bytes: hidden,
		type: hidden,
		alt: hidden,
		width: hidden,
		w: hidden,
		h: hidden
	}),
	parseHTML: () => [
		{
			tag: 'figure',
			contentElement: 'figcaption',
			getAttrs: (element) => {
				const image = element.querySelector('img');
				const src = srcIn(image?.getAttribute('src'));
				if (!image || !src) return false;
				return {
					src,
					alt: image.alt,
					name: image.dataset.name,
					width: Number(image.dataset.width) || null,
					w: Number(image.getAttribute('width')) || null,
					h: Number(image.getAttribute('height')) || null
				};
			}
		},
		{
			tag: 'img[src]',
			getAttrs: (image) => {
				const src = srcIn(image.getAttribute('src'));
				return src ? { src, alt: image.getAttribute('alt') } : false;
			}
		}
	],
	renderHTML({ node, HTMLAttributes }) {
		const { src, alt, name, width, w, h } = pictureIn(node.attrs);
		const image = { src: src ?? '', alt, 'data-name': name, 'data-width': width, width: w, height: h };
		return ['figure', mergeAttributes(HTMLAttributes, { class: 'picture' }), ['img', image], ['figcaption', 0]];
	},
	addNodeView() {
		const { uploads } = this.options;
		return ({ node: first, editor, getPos }) => {
			let node = first;
			const dom = document.createElement('figure');
			dom.className = 'picture';
			const frame = document.createElement('div');
			frame.className = 'frame';
			frame.contentEditable = 'false';
			const contentDOM = document.createElement('figcaption');
			contentDOM.dataset.hint = m['writing.pictureCaptionHint']();
			dom.append(frame, contentDOM);
			const write = (attrs: Record<string, unknown>) => {
				const pos = getPos();
				if (pos === undefined || !editor.isEditable) return;
				const { tr } = editor.state;
				for (const [name, value] of Object.entries(attrs)) tr.setNodeAttribute(pos, name, value);
				editor.view.dispatch(tr);
			};
			const known = () => {
				const picture = pictureIn(node.attrs);
				return { picture, underway: picture.upload && !picture.src ? (uploads?.of(picture.upload) ?? null) : null };
			};
			const caption = () => {
				contentDOM.dataset.empty = String(node.content.size === 0);
			};
			const view = mounted<PictureProps>(frame, () => import('./Picture.svelte'), {
				...known(),
				writable: editor.isEditable,
				chosen: false,
				onwrite: write,
				onretry: () => {
					const { upload } = pictureIn(node.attrs);
					if (upload) uploads?.retry(upload);
				},
				onremove: () => {
					const pos = getPos();
					if (pos !== undefined)
						editor
							.chain()
							.focus()
							.deleteRange({ from: pos, to: pos + node.nodeSize })
							.run();
				},
				oncaption: () => {
					const pos = getPos();
					if (pos !== undefined)
						editor
							.chain()
							.setTextSelection(pos + node.nodeSize - 1)
							.focus()
							.run();
				}
			});
			const unwatch = uploads?.watch(() => view.set(known()));
			const editable = () => view.set({ writable: editor.isEditable });
			const inside = () => {
				const pos = getPos();
				const { from, to } = editor.state.selection;
				const chosen = pos !== undefined && from >= pos && to <= pos + node.nodeSize;
				dom.classList.toggle('chosen', chosen);
				view.set({ chosen });
			};
			editor.on('update', editable);
			editor.on('selectionUpdate', inside);
			caption();
			return {
				dom,
				contentDOM,
				update(next) {
					if (next.type !== node.type) return false;
					node = next;
					caption();
					view.set({ ...known(), writable: editor.isEditable });
					return true;
				},
				stopEvent: (event) =>
					event.target instanceof Element && event.target.closest('.controls') !== null && !event.type.startsWith('drag'),
				ignoreMutation: (mutation) => mutation.type !== 'selection' && !contentDOM.contains(mutation.target),
				destroy() {
					unwatch?.();
					editor.off('update', editable);
					editor.off('selectionUpdate', inside);
					view.destroy();
				}
			};
		};
	},
	addKeyboardShortcuts() {
		return {
			// What is written below a picture is one line; then the text goes on.
			Enter: ({ editor }) => {
				const { $from } = editor.state.selection;
				if ($from.parent.type !== this.type) return false;
				const after = $from.after();
				return editor
					.chain()
					.insertContentAt(after, { type: 'paragraph' })
					.setTextSelection(after + 1)
					.run();
			}
		};
	}
});
