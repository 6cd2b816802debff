import { expect, test } from 'vitest';
import { isDocument, linkName, namedHref, safeHref } from './links.ts';

const room = '/rooms/01a21801-7c90-7475-93cc-b6da3e7682c5?document=01a21802-b73e-7451-9710-5cb20d0e63fa';

test('a link within the space is called by the name it was given, whatever is in it', () => {
	for (const name of ['春天的诗', '100% “真” #1 <b>', 'a b']) expect(linkName(safeHref(namedHref(room, name)) ?? '')).toBe(name);
	expect(isDocument(namedHref(room, '诗'))).toBe(true);
	expect(isDocument('https://school.cn/rooms/1?document=2')).toBe(false);
});

test('every other link is called by its address, and what is no name stays as it is', () => {
	expect(linkName('https://www.school.cn/a/')).toBe('school.cn/a');
	expect(linkName('mailto:li@school.cn')).toBe('li@school.cn');
	expect(linkName('/rooms/1#%E0%A4%A')).toBe('/rooms/1#%E0%A4%A');
	expect(linkName('https://school.cn/#name')).toBe('school.cn/#name');
});
