import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { mergeWords } from './words.ts';

const text = fc.string({ unit: fc.constantFrom('春', '眠', '不', '😀', '😁', 'a'), maxLength: 10 });

test('words that nobody else touched become what was wanted, and emoji are never cut', () => {
	fc.assert(
		fc.property(text, text, (base, wanted) => {
			const doc = new Y.Doc();
			const shared = doc.getText('words');
			shared.insert(0, base);
			mergeWords(shared, base, wanted);
			const elsewhere = new Y.Doc();
			Y.applyUpdate(elsewhere, Y.encodeStateAsUpdate(doc));
			expect(elsewhere.getText('words').toString()).toBe(wanted);
		}),
		{ numRuns: 1_000 }
	);
});

test('what others wrote in between stays, whatever one does around it', () => {
	fc.assert(
		fc.property(text, text, fc.nat(10), (base, wanted, where) => {
			const characters = [...base];
			const at = characters.slice(0, where).join('').length;
			const shared = new Y.Doc().getText('words');
			shared.insert(0, `${base.slice(0, at)}【他】${base.slice(at)}`);
			mergeWords(shared, base, wanted);
			expect(shared.toString()).toContain('【他】');
			expect(shared.toString().replace('【他】', '')).toBe(wanted);
		}),
		{ numRuns: 1_000 }
	);
});
