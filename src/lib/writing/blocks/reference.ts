import { Node, mergeAttributes, nodePasteRule } from '@tiptap/core';
import { clockOf } from '#lib/ui/clock.ts';
import { idIn, numberIn, oneOf, textIn } from './values.ts';

/** What a text may lead to inside the space. */
const targets = ['document', 'recording'] as const;
type Target = (typeof targets)[number];

/** A place in the space: a document of a room, or a second of a recording. */
export interface Reference {
	target: Target;
	id: string;
	/** Of a document: the room on whose table it lies. */
	room: string | null;
	/** Of a recording: the second from which it plays. */
	second: number | null;
	label: string;
}

/** A clock's time, or a number of seconds, as seconds; null for everything else. */
export function secondsIn(text: string | null): number | null {
	if (text === null) return null;
	if (/^\d{1,6}s?$/.test(text)) return Number.parseInt(text, 10);
	const [, hours = '0', minutes, seconds] = /^(?:(\d{1,2}):)?(\d{1,2}):(\d{2})$/.exec(text) ?? [];
	if (minutes === undefined || Number(seconds) > 59) return null;
	return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** Reads the attributes of a reference; null when they lead nowhere. */
export function referenceIn(attrs: Readonly<Record<string, unknown>>): Reference | null {
	const id = idIn(attrs.id);
	if (id === null) return null;
	const target = oneOf<Target>(attrs.target, targets);
	const second = target === 'recording' ? Math.floor(numberIn(attrs.second, 0, 359_999) ?? 0) : null;
	const label = second === null ? textIn(attrs.label, 80) : `▶ ${clockOf(second * 1_000)}`;
	return { target, id, room: idIn(attrs.room), second, label: label || '…' };
}

/** Where a reference leads, from the root of the space. */
export const addressOf = ({ target, id, room, second }: Reference): string =>
	target === 'recording' ? `/recordings/${id}?t=${second ?? 0}` : room ? `/rooms/${room}?document=${id}` : '#';

const ids = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** The reference that an address of this space stands for; null for every other address. */
export function referenceOf(address: string, origin: string): Omit<Reference, 'label'> | null {
	if (!URL.canParse(address, origin)) return null;
	const url = new URL(address, origin);
	if (url.origin !== origin) return null;
	const recording = new RegExp(`^/recordings/(${ids})$`).exec(url.pathname)?.[1];
	if (recording) {
		const second = secondsIn(url.searchParams.get('t') ?? /^#t=(.*)$/.exec(url.hash)?.[1] ?? null) ?? 0;
		return { target: 'recording', id: recording, room: null, second };
	}
	const room = new RegExp(`^/rooms/(${ids})$`).exec(url.pathname)?.[1];
	const id = idIn(url.searchParams.get('document'));
	return room && id ? { target: 'document', id, room, second: null } : null;
}

export interface ReferenceOptions {
	/** The name of a document of this room; null when it is not known. */
	titleOf: (documentId: string) => string | null;
}

/** A link to a document of the room, or to a second of a recording. */
export const ReferenceNode = Node.create<ReferenceOptions>({
	name: 'reference',
	group: 'inline',
	inline: true,
	atom: true,
	addOptions: () => ({ titleOf: () => null }),
	addAttributes: () =>
		Object.fromEntries(
			(['target', 'id', 'room', 'second', 'label'] as const).map((name) => [
				name,
				{
					default: null,
					parseHTML: (element: HTMLElement) => {
						const value = element.dataset[name] ?? null;
						return name === 'second' && value !== null ? Number(value) : value;
					},
					renderHTML: (attrs: Record<string, unknown>) => {
						const value = referenceIn(attrs)?.[name];
						return value == null ? {} : { [`data-${name}`]: String(value) };
					}
				}
			])
		),
	parseHTML: () => [{ tag: 'a[data-target]', priority: 60 }],
	renderHTML({ node, HTMLAttributes }) {
		const reference = referenceIn(node.attrs);
		if (!reference) return ['span', { class: 'reference' }, '…'];
		return ['a', mergeAttributes(HTMLAttributes, { class: 'reference', href: addressOf(reference) }), reference.label];
	},
	renderText: ({ node }) => referenceIn(node.attrs)?.label ?? '',
	addPasteRules() {
		const titleOf = this.options.titleOf;
		return [
			nodePasteRule({
				type: this.type,
				find: /(?:https?:\/\/[^\s/]+)?\/(?:recordings|rooms)\/[0-9a-f-]{36}[^\s，。；、）]*/g,
				getAttributes: ([address]) => {
					const found = referenceOf(address, globalThis.location?.origin ?? 'http://localhost');
					if (!found) return false as never;
					const label = found.target === 'document' ? titleOf(found.id) : null;
					return { ...found, label: label ?? address };
				}
			})
		];
	}
});
