import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { keepSecrets } from './secrets.ts';

test('secrets are made at the first start, readable by this user only, and stay the same', () => {
	const folder = temporaryFolder();
	const secrets = keepSecrets(folder);
	expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
	expect(keepSecrets(folder)).toEqual(secrets);
	expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length);
	expect(secrets.spaceSecret.length).toBeGreaterThanOrEqual(32);
});

test('two spaces share no secret', () => {
	const [one, other] = [keepSecrets(temporaryFolder()), keepSecrets(temporaryFolder())];
	expect(Object.values(one).filter((secret) => Object.values(other).includes(secret))).toEqual([]);
});

test('a secret that a newer version needs is added without changing the others', () => {
	const folder = temporaryFolder();
	const { matrixHsToken: _, ...older } = keepSecrets(folder);
	writeFileSync(join(folder, 'secrets.json'), JSON.stringify(older));
	expect(keepSecrets(folder)).toMatchObject(older);
	expect(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).matrixHsToken).toEqual(expect.any(String));
});

test('a broken secrets file is an error, never a reason for new secrets', () => {
	const folder = temporaryFolder();
	writeFileSync(join(folder, 'secrets.json'), '{"spaceSecret": ');
	expect(() => keepSecrets(folder)).toThrow(/secrets\.json/);
	expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe('{"spaceSecret": ');
});
