import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { prepareFfmpeg, prepareLivekit, prepareSynapse } from './tools.ts';

/** A place where only these programs are found, each printing a version. */
function machineWith(programs: Record<string, string>): { folder: string; logFolder: string; searchPath: string } {
	const folder = temporaryFolder();
	const searchPath = join(folder, 'bin');
	mkdirSync(searchPath);
	for (const [name, version] of Object.entries(programs)) {
		writeFileSync(join(searchPath, name), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
	}
	return { folder, logFolder: folder, searchPath };
}

test('without Go one sentence says that rooms have no voice', async () => {
	expect(await prepareLivekit(machineWith({}))).toEqual({
		missing: expect.stringMatching(/没有 Go .*没有语音和视频。Go 1\.21 or later is missing: rooms have no voice and video\.$/)
	});
});

test('a Go that is too old counts as missing', async () => {
	expect(await prepareLivekit(machineWith({ go: 'go version go1.19.8 linux/amd64' }))).toHaveProperty('missing');
});

test('without Python one sentence says that rooms have no chat', async () => {
	expect(await prepareSynapse(machineWith({}))).toEqual({
		missing: expect.stringMatching(/没有 Python .*没有聊天。Python 3\.11 or later is missing: rooms have no chat\.$/)
	});
});

test('without ffmpeg and Python one sentence says that there are no films; with ffmpeg it is the one of the machine', async () => {
	expect(await prepareFfmpeg(machineWith({}))).toEqual({
		missing: expect.stringMatching(/没有 ffmpeg.*MP4。ffmpeg is missing: recordings cannot be made into MP4 files\.$/)
	});
	expect(await prepareFfmpeg(machineWith({ ffmpeg: 'ffmpeg version 5.1.9-0+deb12u1 Copyright' }))).toEqual({
		path: 'ffmpeg',
		wasReady: true
	});
});

test('a Python that is too old counts as missing', async () => {
	expect(await prepareSynapse(machineWith({ python3: 'Python 3.10.13' }))).toHaveProperty('missing');
});
