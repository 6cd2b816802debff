import { Extension } from '@tiptap/core';
import type { Extensions } from '@tiptap/core';
import type { Awareness } from 'y-protocols/awareness';
import { Attachment } from './attachment.ts';
import { Callout } from './callout.ts';
import { Code } from './code.ts';
import { Align, Highlight } from './emphasis.ts';
import { Footnote, Footnotes, Note } from './footnotes.ts';
import { FormulaPanel } from './formula-panel.ts';
import { Formula, FormulaBlock } from './formula.ts';
import { Mention } from './mention.ts';
import { Menus } from './menus.ts';
import { Picture } from './picture.ts';
import { ReferenceNode } from './reference.ts';
import { surroundingsOf } from './surroundings.ts';
import type { Beside } from './surroundings.ts';
import { FileDrop, Uploads } from './uploads.ts';

/** What a text may hold beside paragraphs, lists and tables. */
export const blocks = (): Extensions => [
	Picture,
	Attachment,
	Formula,
	FormulaBlock,
	Callout,
	Footnote,
	Note,
	Mention,
	ReferenceNode,
	Highlight,
	Align
];

/** The same where it is written: with files that are brought, menus, and a panel for formulas. */
export function blockTools({ documentId, awareness }: { documentId: string; awareness: Awareness }): Extensions {
	const uploads = new Uploads(documentId, awareness);
	const panel = new FormulaPanel();
	const surroundings = surroundingsOf(documentId);
	let beside: Beside[] = [];
	return [
		Picture.configure({ uploads }),
		Attachment.configure({ uploads }),
		Formula.configure({ edit: panel.edit }),
		FormulaBlock.configure({ edit: panel.edit }),
		Callout,
		Footnote,
		Note,
		Footnotes,
		Mention,
		ReferenceNode.configure({ titleOf: (id) => beside.find((document) => document.id === id)?.label ?? null }),
		Highlight,
		Align,
		Code,
		FileDrop.configure({ uploads }),
		Menus.configure({
			blocks: () => import('./catalogue.ts').then(({ catalogue }) => catalogue()),
			surroundings: async () => {
				const around = await surroundings();
				beside = around.documents;
				return around;
			}
		}),
		Extension.create({
			name: 'blockTools',
			addStorage: () => ({ uploads }),
			onCreate() {
				panel.editor = this.editor;
			},
			onDestroy() {
				panel.close();
				uploads.close();
			}
		})
	];
}
