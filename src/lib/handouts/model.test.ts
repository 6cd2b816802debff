import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { PushHandout } from './model.ts';

const accepted = (path: string) =>
	PushHandout.safeParse({ roomId: newId(), what: { kind: 'page', path, title: '看' }, to: { kind: 'all' } }).success;

test('whatever is taken for a page of the space leads to the space, and nowhere else', () => {
	const piece = fc.constantFrom(
		'/',
		'\\',
		'.',
		'..',
		':',
		'@',
		'http',
		'javascript:',
		'evil.example',
		'rooms',
		'?',
		'#',
		'%2f',
		'\t',
		' '
	);
	const path = fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }).map((pieces) => pieces.join(''));
	fc.assert(
		fc.property(
			fc.oneof(
				path,
				path.map((rest) => `/${rest}`)
			),
			(path) => {
				if (!accepted(path)) return;
				const url = new URL(path, 'https://space.example');
				expect(url.origin).toBe('https://space.example');
			}
		),
		{ numRuns: 2_000 }
	);
	for (const page of ['/', '/rooms/0198/analysis', '/rooms/0198?document=1#end']) expect(accepted(page), page).toBe(true);
});
