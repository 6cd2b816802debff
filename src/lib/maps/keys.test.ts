import { expect, test } from 'vitest';
import { commandOf } from './keys.ts';

const press = (key: string, more: Partial<Parameters<typeof commandOf>[0]> = {}) => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	shiftKey: false,
	isComposing: false,
	keyCode: 0,
	...more
});

test('Tab makes a child, Enter a sibling', () => {
	expect(commandOf(press('Tab'), false)).toEqual({ act: 'child' });
	expect(commandOf(press('Enter'), false)).toEqual({ act: 'sibling' });
});

test('Enter that picks a word of the input method does not end the editing', () => {
	expect(commandOf(press('Enter', { isComposing: true }), true)).toBeNull();
	expect(commandOf(press('Enter', { keyCode: 229 }), true)).toBeNull();
	expect(commandOf(press('Enter'), true)).toEqual({ act: 'finish' });
});

test('arrows move the selection, with Ctrl they carry the node', () => {
	expect(commandOf(press('ArrowUp'), false)).toEqual({ act: 'go', direction: 'up' });
	expect(commandOf(press('ArrowUp', { metaKey: true }), false)).toEqual({ act: 'carry', direction: 'up' });
});

test('while one edits, arrows and Delete belong to the text', () => {
	for (const key of ['ArrowLeft', 'Delete', 'Backspace', 'F2']) expect(commandOf(press(key), true)).toBeNull();
});

test('Shift makes a sibling before, moves outwards, and takes in neighbours', () => {
	expect(commandOf(press('Enter', { shiftKey: true }), false)).toEqual({ act: 'siblingBefore' });
	expect(commandOf(press('Tab', { shiftKey: true }), false)).toEqual({ act: 'outdent' });
	expect(commandOf(press('ArrowDown', { shiftKey: true }), false)).toEqual({ act: 'extend', direction: 'down' });
});

test('Escape leaves the map, so that the keyboard is never caught', () => {
	expect(commandOf(press('Escape'), false)).toEqual({ act: 'leave' });
});

test('letters just type', () => {
	expect(commandOf(press('a'), false)).toBeNull();
});
