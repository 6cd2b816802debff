import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { trackFileOf } from '#lib/recordings/model.ts';
import { consent, seeRecording, startRecording, stopRecording } from '#lib/recordings/server/index.ts';
import { enterRoom } from '#lib/rooms/server/index.ts';
import { readEnv } from '#src/env.ts';
import { joinCall } from '#tests/support/calls.ts';
import { factories } from '#tests/support/factories.ts';
import { useMedia } from '#tests/support/servers.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { speak } from '#tests/support/voices.ts';
import { openMedia } from '../gateway.ts';
import { mediaAddress } from '../livekit.ts';
import { egressRecorder } from './egress-recorder.ts';
import { openStudio } from './studio.ts';

/**
 * A server that speaks Egress' part of LiveKit's API over HTTP and writes what it is told to write: Egress itself needs
 * a desktop's worth of programs. The call is a real one.
 */
interface Job {
	egressId: string;
	trackId: string;
	filepath: string;
	status: string;
}
const jobs: Job[] = [];
let server: Server;
let services: TestServices;

const shown = ({ egressId, filepath, status }: Job) => ({
	egressId,
	status,
	...(status === 'EGRESS_COMPLETE' && { fileResults: [{ filename: filepath, duration: '4000000000', size: '5' }] })
});
async function answer(method: string, body: Record<string, unknown>): Promise<unknown> {
	if (method === 'StartTrackEgress') {
		const { filepath } = body.file as { filepath: string };
		const job = {
			egressId: `EG_${jobs.length}`,
			trackId: String(body.trackId ?? body.track_id),
			filepath,
			status: 'EGRESS_ACTIVE'
		};
		jobs.push(job);
		await mkdir(dirname(filepath), { recursive: true });
		await writeFile(filepath, 'sound');
		return shown(job);
	}
	const id = body.egressId ?? body.egress_id;
	if (method === 'ListEgress') return { items: jobs.filter(({ egressId }) => !id || egressId === id).map(shown) };
	const job = jobs.find(({ egressId }) => egressId === id);
	if (job) job.status = 'EGRESS_COMPLETE';
	return job ? shown(job) : {};
}

beforeAll(async () => {
	server = createServer((request, response) => {
		void (async () => {
			const parts: Buffer[] = [];
			for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
			const method = /\/twirp\/livekit\.Egress\/(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
			const told = await answer(method, JSON.parse(Buffer.concat(parts).toString() || '{}') as Record<string, unknown>);
			response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
		})();
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const media = await useMedia();
	const settings = { LIVEKIT_URL: media.url, LIVEKIT_API_KEY: media.apiKey, LIVEKIT_API_SECRET: media.apiSecret };
	const env = readEnv({
		NODE_ENV: 'test',
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		DATABASE_APP_URL: 'postgres://none',
		...settings
	});
	services = await openServices({ media: openMedia(env, pino({ level: 'silent' })), settings });
});
afterAll(async () => {
	await services?.close();
	server?.close();
});

test(
	'Egress keeps each track of those who agreed, and the recording is ready when its files are',
	{ timeout: 60_000 },
	async () => {
		const address = mediaAddress(services.env);
		if (!address || !services.media) throw new Error('no media');
		const make = factories(services);
		const schoolClass = await make.space('class', await make.space('school', await make.space('region')));
		const room = await make.room('group', schoolClass);
		const httpUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const studio = openStudio(services, egressRecorder(services, { ...address, httpUrl }, services.env.SPACE_DATA));
		const people = await Promise.all(
			(['teacher', 'student', 'student'] as const).map(async (role) => {
				const personId = await make.person(role, [[role, schoolClass]]);
				const ctx = make.as(personId, [[role, schoolClass]]);
				await enterRoom(ctx, { roomId: room.id });
				const token = await services.media!.token({ roomId: room.id, personId, name: role, sends: ['microphone'] });
				return { personId, ctx, call: await joinCall(address.url, token) };
			})
		);
		const [teacher, yes] = people as [(typeof people)[0], (typeof people)[0]];
		try {
			const { id } = await startRecording(teacher.ctx, { roomId: room.id });
			await consent(yes.ctx, { roomId: room.id, given: true });
			for (const { call } of people) void call.say(speak([{ silence: 100, speech: 8_000 }]));
			await vi.waitFor(() => expect(jobs).toHaveLength(2), { timeout: 15_000, interval: 100 });
			await stopRecording(teacher.ctx, { roomId: room.id });
			const seen = await vi.waitFor(
				async () => {
					const now = await seeRecording(teacher.ctx, { recordingId: id });
					expect(now.state).toBe('ready');
					return now;
				},
				{ timeout: 15_000, interval: 100 }
			);
			expect(seen.tracks.map(({ personId, kind }) => `${kind} ${personId}`).toSorted()).toEqual(
				[teacher, yes].map(({ personId }) => `microphone ${personId}`).toSorted()
			);
			expect(seen.tracks.every(({ from, to, bytes }) => to - from === 4_000 && bytes === 5)).toBe(true);
			for (const track of seen.tracks)
				expect(await readFile(resolve(services.env.SPACE_DATA, trackFileOf(id, track.id)), 'utf8')).toBe('sound');
		} finally {
			await Promise.all(people.map(({ call }) => call.leave()));
			await studio.close();
		}
	}
);
