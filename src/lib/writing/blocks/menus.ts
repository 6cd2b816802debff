import { Extension } from '@tiptap/core';
import type { Editor, Range } from '@tiptap/core';
import { PluginKey } from '@tiptap/pm/state';
import { Suggestion } from '@tiptap/suggestion';
import type { SuggestionOptions } from '@tiptap/suggestion';
import type { Component } from 'svelte';
import { m } from '#lib/i18n/generated/messages.js';
import { mounted } from './mounted.svelte.ts';
import type { Mounted } from './mounted.svelte.ts';
import type { MenuProps } from './Menu.svelte';
import { found } from './search.ts';
import type { Findable } from './search.ts';
import type { Surroundings } from './surroundings.ts';

/** One line of a menu that opens while one types. */
export interface Choice extends Findable {
	key: string;
	icon: Component<{ size?: number | string }> | null;
	/** Of a person: the role, by whose colour the name stands. */
	role?: string;
	hint?: string;
	/** What comes before the first of its kind. */
	group?: string;
	/** Puts it in place of what was typed. */
	take: (editor: Editor, range: Range) => void;
}

/** More would be no menu any more. */
const mostShown = 60;

/** What is longer is a sentence, and the sign before it no question. */
const isQuestion = (query: string): boolean => query.length <= 8;

type Options = Pick<SuggestionOptions<Choice, Choice>, 'char' | 'startOfLine' | 'allowedPrefixes' | 'items' | 'allow'>;

function menu(editor: Editor, name: string, label: () => string, options: Options) {
	let shown: { view: Mounted<MenuProps>; element: HTMLElement; unmount: () => void } | null = null;
	let items: Choice[] = [];
	let active = 0;
	let take: (choice: Choice) => void = () => {};
	const id = `menu-${name}`;
	const tell = () => {
		const { dom } = editor.view;
		if (shown && items.length > 0) {
			dom.setAttribute('aria-controls', id);
			dom.setAttribute('aria-activedescendant', `${id}-${active}`);
		} else {
			dom.removeAttribute('aria-controls');
			dom.removeAttribute('aria-activedescendant');
		}
	};
	return Suggestion<Choice, Choice>({
		editor,
		pluginKey: new PluginKey(id),
		decorationClass: 'asking',
		...options,
		// Others type too; a menu opens under one's own hands only.
		shouldShow: ({ transaction, editor: { isFocused } }) => isFocused && transaction.getMeta('y-sync$') === undefined,
		command: ({ editor: { isEditable }, range, props }) => void (isEditable && props.take(editor, range)),
		render: () => {
			return {
				onStart: (props) => {
					const element = document.createElement('div');
					active = 0;
					items = props.items.slice(0, mostShown);
					take = props.command;
					const view = mounted<MenuProps>(element, () => import('./Menu.svelte'), {
						id,
						label: label(),
						items,
						active,
						asked: isQuestion(props.query) && !props.loading,
						ontake: (choice) => take(choice),
						onpoint: (index) => {
							active = index;
							shown?.view.set({ active });
							tell();
						}
					});
					element.className = 'menu-place';
					shown = { view, element, unmount: props.mount(element) };
					tell();
				},
				onUpdate: (props) => {
					take = props.command;
					items = props.items.slice(0, mostShown);
					active = Math.min(active, Math.max(0, items.length - 1));
					shown?.view.set({ items, active, asked: isQuestion(props.query) && !props.loading });
					tell();
				},
				onKeyDown: ({ event }) => {
					if (!shown || items.length === 0 || event.isComposing) return false;
					const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
					if (step !== undefined) {
						active = (active + step + items.length) % items.length;
						shown.view.set({ active });
						tell();
						return true;
					}
					if (event.key !== 'Enter' && event.key !== 'Tab') return false;
					const choice = items[active];
					if (choice) take(choice);
					return true;
				},
				onExit: () => {
					shown?.unmount();
					shown?.view.destroy();
					shown?.element.remove();
					shown = null;
					items = [];
					tell();
				}
			};
		}
	});
}

export interface MenusOptions {
	/** Every block that can be put into a text. */
	blocks: () => Promise<Choice[]>;
	surroundings: (() => Promise<Surroundings>) | null;
}

/** `/` and 、 list what can be put into the text, @ who and what can be named in it. */
export const Menus = Extension.create<MenusOptions>({
	name: 'menus',
	addOptions: () => ({ blocks: async () => [], surroundings: null }),
	addProseMirrorPlugins() {
		const { editor, options } = this;
		const inText: Options['allow'] = ({ state, range }) => {
			const $from = state.doc.resolve(range.from);
			return editor.isEditable && !$from.parent.type.spec.code && !$from.marks().some(({ type }) => type.name === 'code');
		};
		const blocks: Options['items'] = async ({ query }) => found(await options.blocks(), query);
		return [
			menu(editor, 'blocks', m['writing.menuBlocks'], {
				char: '/',
				allowedPrefixes: [' ', '\u3000'],
				items: blocks,
				allow: inText
			}),
			// The key of a Chinese keyboard; within a sentence it is a comma.
			menu(editor, 'blocks-zh', m['writing.menuBlocks'], { char: '、', startOfLine: true, items: blocks, allow: inText }),
			menu(editor, 'names', m['writing.menuNames'], {
				char: '@',
				allowedPrefixes: null,
				allow: inText,
				items: async ({ query }) => (options.surroundings ? namesIn(await options.surroundings(), query) : [])
			})
		];
	}
});

/** How many of each kind the menu of names shows. */
const eachKind = 8;

function namesIn({ roomId, people, documents }: Surroundings, query: string): Choice[] {
	const put = (node: { type: string; attrs: Record<string, unknown> }) => (editor: Editor, range: Range) =>
		void editor.chain().focus().insertContentAt(range, node).run();
	const named = found(people, query)
		.slice(0, eachKind)
		.map((person, index): Choice => ({
			...person,
			key: person.id,
			icon: null,
			hint: person.tail === null ? undefined : `${m[`spaces.role.${person.role}`]()} ${person.tail}`,
			group: index === 0 ? m['writing.menuPeople']() : undefined,
			take: put({ type: 'mention', attrs: { person: person.id, label: person.label } })
		}));
	const beside = found(documents, query)
		.slice(0, eachKind)
		.map((document, index): Choice => ({
			...document,
			key: document.id,
			icon: null,
			hint: document.kind,
			group: index === 0 ? m['writing.menuDocuments']() : undefined,
			take: put({ type: 'reference', attrs: { target: 'document', id: document.id, room: roomId, label: document.label } })
		}));
	return [...named, ...beside];
}
