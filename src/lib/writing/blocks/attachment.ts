import { Node, mergeAttributes } from '@tiptap/core';
import type { AttachmentProps } from './Attachment.svelte';
import { mounted } from './mounted.svelte.ts';
import { srcIn } from './picture.ts';
import type { FileOptions } from './picture.ts';
import { nameIn, numberIn, textIn } from './values.ts';

/** What a file says of itself, whatever stands in its attributes. */
export const attachmentIn = (attrs: Readonly<Record<string, unknown>>) => ({
	src: srcIn(attrs.src),
	upload: nameIn(attrs.upload),
	name: textIn(attrs.name) || '…',
	bytes: numberIn(attrs.bytes, 0, 2 ** 40)
});

const hidden = { default: null, rendered: false };

/** A file that is kept, not shown. */
export const Attachment = Node.create<FileOptions>({
	name: 'attachment',
	group: 'block',
	atom: true,
	draggable: true,
	addOptions: () => ({ uploads: null }),
	addAttributes: () => ({ src: hidden, upload: hidden, name: hidden, bytes: hidden, type: hidden }),
	parseHTML: () => [
		{
			tag: 'a[data-file]',
			priority: 60,
			getAttrs: (element) => {
				const src = srcIn(element.getAttribute('href')?.replace(/\?download=1$/, ''));
				return src ? { src, name: textIn(element.textContent), bytes: Number(element.dataset.bytes) || null } : false;
			}
		}
	],
	renderHTML({ node, HTMLAttributes }) {
		const { src, name, bytes } = attachmentIn(node.attrs);
		const attributes = { class: 'attachment', 'data-file': '', 'data-bytes': bytes, href: src ? `${src}?download=1` : undefined };
		return ['a', mergeAttributes(HTMLAttributes, attributes), name];
	},
	renderText: ({ node }) => attachmentIn(node.attrs).name,
	addNodeView() {
		const { uploads } = this.options;
		return ({ node: first, editor, getPos }) => {
			let node = first;
			const dom = document.createElement('div');
			dom.className = 'attachment';
			const known = () => {
				const file = attachmentIn(node.attrs);
				return { file, underway: file.upload && !file.src ? (uploads?.of(file.upload) ?? null) : null };
			};
			const view = mounted<AttachmentProps>(dom, () => import('./Attachment.svelte'), {
				...known(),
				writable: editor.isEditable,
				onretry: () => {
					const { upload } = attachmentIn(node.attrs);
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
				}
			});
			const unwatch = uploads?.watch(() => view.set(known()));
			return {
				dom,
				update(next) {
					if (next.type !== node.type) return false;
					node = next;
					view.set({ ...known(), writable: editor.isEditable });
					return true;
				},
				stopEvent: (event) =>
					event.target instanceof Element && event.target.closest('a, button') !== null && !event.type.startsWith('drag'),
				ignoreMutation: () => true,
				destroy() {
					unwatch?.();
					view.destroy();
				}
			};
		};
	}
});
