import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { hashSources } from './build.ts';

test('a build is old when a source changes, moves or comes, and not for a test', () => {
	const root = temporaryFolder();
	mkdirSync(join(root, 'src'));
	const write = (name: string, text: string) => writeFileSync(join(root, 'src', name), text);
	write('page.svelte', '<p>一</p>');
	const hashes = [hashSources(root)];
	write('page.svelte', '<p>二</p>');
	hashes.push(hashSources(root));
	write('other.svelte', '<p>三</p>');
	hashes.push(hashSources(root));
	expect(new Set(hashes).size).toBe(3);
	write('page.test.ts', 'test');
	expect(hashSources(root)).toBe(hashes[2]);
});

test('what the build itself leaves beside its sources makes it no older', () => {
	const root = temporaryFolder();
	mkdirSync(join(root, 'project.inlang'));
	const write = (name: string, text: string) => writeFileSync(join(root, 'project.inlang', name), text);
	write('settings.json', '{"locales":["zh-CN"]}');
	const before = hashSources(root);
	write('.meta.json', '{}');
	write('README.md', 'written by the compiler of the messages');
	expect(hashSources(root)).toBe(before);
	write('settings.json', '{"locales":["zh-CN","en"]}');
	expect(hashSources(root)).not.toBe(before);
});
