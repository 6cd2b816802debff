import { expect, test } from 'vitest';
import { cleanName, fileIdOf, fileUrl } from './model.ts';

test('a name keeps what one reads and loses paths and what is invisible', () => {
	expect(cleanName('C:\\假路径\\春天 的诗.docx')).toBe('春天 的诗.docx');
	expect(cleanName('../../etc/passwd')).toBe('passwd');
	expect(cleanName('photo\u202egnp.exe\u0000\n')).toBe('photognp.exe');
});

test('only the address of a file is one', () => {
	const id = '01980000-0000-7000-8000-000000000000';
	expect(fileIdOf(fileUrl(id))).toBe(id);
	expect(fileIdOf(`${fileUrl(id)}?download=1`)).toBe(id);
	for (const foreign of [
		`https://evil.example${fileUrl(id)}`,
		`//evil.example${fileUrl(id)}`,
		`${fileUrl(id)}/upload`,
		`${fileUrl(id)}#x`,
		'javascript:alert(1)',
		'data:image/svg+xml,<svg/>',
		null,
		42,
		{ toString: () => fileUrl(id) }
	]) {
		expect(fileIdOf(foreign)).toBeNull();
	}
});
