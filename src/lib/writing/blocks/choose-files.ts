import type { Editor } from '@tiptap/core';
import type { Uploads } from './uploads.ts';

const uploadsOf = (editor: Editor): Uploads | undefined =>
	(editor.storage as unknown as { blockTools?: { uploads: Uploads } }).blockTools?.uploads;

/** Asks for files of the device and puts them where the caret is. */
export function chooseFiles(editor: Editor, accept = ''): void {
	const input = document.createElement('input');
	input.type = 'file';
	input.multiple = true;
	input.accept = accept;
	input.addEventListener('change', () => uploadsOf(editor)?.insert([...(input.files ?? [])]));
	input.click();
}
