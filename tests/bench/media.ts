import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AudioStream, dispose, Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { recordings, recordingTracks } from '#lib/recordings/server/table.ts';
import { consent, startRecording } from '#lib/recordings/server/index.ts';
import { enterRoom } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { readEnv } from '#src/env.ts';
import { openMedia } from '#media/gateway.ts';
import { mediaAddress } from '#media/livekit.ts';
import type { MediaAddress } from '#media/livekit.ts';
import { joinUnseen } from '#media/recorder/call.ts';
import { joinCall } from '../support/calls.ts';
import type { Call } from '../support/calls.ts';
import { factories } from '../support/factories.ts';
import { openServices } from '../support/services.ts';
import type { TestServices } from '../support/services.ts';
import { speak } from '../support/voices.ts';
import { closeSpace, machine, openSpace } from './space.ts';
import type { BenchSpace } from './space.ts';

/**
 * What calls and recordings cost on this machine, over loopback: `npm run bench:media -- [--only audible,audio,class,
 * listeners,recording]`. Participants are those of LiveKit's SDK for servers, and listeners that take packets in without
 * decoding them; they share the machine with the servers, so that only what the servers used is told.
 */
const { values } = parseArgs({ options: { only: { type: 'string' } } });

/** How long each load lasts, in seconds. */
const lasting = 15;
const ticks = 100;

/** Processor seconds that a process has used. */
function cpuOf(pid: number | undefined): number {
	if (!pid) return 0;
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) / ticks;
}
const memoryOf = (pid: number | undefined): number =>
	Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Processor seconds per second that a server used while something lasted. */
async function loadOf(pid: number | undefined, work: () => Promise<unknown> = () => wait(lasting * 1_000)): Promise<number> {
	const [cpu, from] = [cpuOf(pid), performance.now()];
	await work();
	return (cpuOf(pid) - cpu) / ((performance.now() - from) / 1_000);
}

const quantile = (values: readonly number[], part: number): number =>
	values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN;

class Bench {
	readonly #space: BenchSpace;
	readonly services: TestServices;
	readonly address: MediaAddress;
	readonly #open: { leave(): Promise<unknown> | void }[] = [];

	constructor(space: BenchSpace, services: TestServices, address: MediaAddress) {
		this.#space = space;
		this.services = services;
		this.address = address;
	}

	get livekit(): number | undefined {
		return this.#space.servers.livekit?.pid;
	}
	get recorder(): number | undefined {
		return this.#space.servers.recorder?.pid;
	}

	token(roomId: string, personId: string): Promise<string> {
		const { media } = this.services;
		if (!media) throw new Error('no media');
		return media.token({ roomId, personId, name: personId, sends: ['microphone', 'camera', 'screen'] });
	}

	async join(roomId: string, personId: string): Promise<Call> {
		const call = await joinCall(this.address.url, await this.token(roomId, personId));
		this.#open.push({ leave: () => call.leave() });
		return call;
	}

	/** Somebody who takes everything in that is sent; resolves with how to ask how many tracks that is. */
	async listen(roomId: string): Promise<() => number> {
		let taken = 0;
		const call = await joinUnseen(this.address, roomId, {
			tracks(now) {
				taken = now.length;
				queueMicrotask(() => call.take(new Set(now.map(({ sid }) => sid))));
			},
			packet: () => {},
			lost: () => console.error('a listener was lost')
		});
		this.#open.push({ leave: () => call.close() });
		return () => taken;
	}

	async clear(): Promise<void> {
		await Promise.all(this.#open.splice(0).map((one) => one.leave()));
		await wait(1_000);
	}
}

const roomName = () => crypto.randomUUID();
const voice = (seconds: number, seed: number) => speak([{ silence: 100, speech: seconds * 1_000 }], { seed });

/** From the click on “join” to the first sound that somebody else hears. */
async function audible(bench: Bench): Promise<void> {
	const times: number[] = [];
	for (let turn = 0; turn < 30; turn++) {
		const roomId = roomName();
		const listener = new Room();
		let heard: (at: number) => void = () => {};
		const sound = new Promise<number>((resolve) => (heard = resolve));
		listener.on(RoomEvent.TrackSubscribed, (track) => {
			if (track.kind !== TrackKind.KIND_AUDIO) return;
			void (async () => {
				for await (const { data } of new AudioStream(track, { sampleRate: 48_000, numChannels: 1 })) {
					if (data.some((sample) => Math.abs(sample) > 1_500)) return heard(performance.now());
				}
			})();
		});
		await listener.connect(bench.address.url, await bench.token(roomId, 'listener'), { autoSubscribe: true, dynacast: false });
		const clicked = performance.now();
		const call = await bench.join(roomId, 'speaker');
		void call.say(speak([{ silence: 0, speech: 3_000 }], { seed: turn }));
		times.push((await sound) - clicked);
		await listener.disconnect();
		await bench.clear();
	}
	console.log(`click → audible, 30 times: p50 ${quantile(times, 0.5).toFixed(0)} ms, p95 ${quantile(times, 0.95).toFixed(0)} ms`);
}

function tell(name: string, cpu: number, tracks: number, people: number): void {
	console.log(
		`${name}: ${tracks} subscribed tracks, LiveKit ${cpu.toFixed(2)} CPU s/s, ${((cpu / tracks) * 1_000).toFixed(2)} ms/s a track, ${Math.floor(people / Math.max(cpu, 0.01))} people a core`
	);
}

/** Twenty in a room, four of whom speak at a time. */
async function audio(bench: Bench): Promise<void> {
	const roomId = roomName();
	const speakers = await Promise.all(Array.from({ length: 4 }, (_, index) => bench.join(roomId, `speaker${index}`)));
	for (const [index, call] of speakers.entries()) void call.say(voice(lasting + 20, index));
	await wait(1_500);
	const listeners = await Promise.all(Array.from({ length: 20 }, () => bench.listen(roomId)));
	await wait(2_000);
	const cpu = await loadOf(bench.livekit);
	tell(
		'audio room, 4 of 20 speak',
		cpu,
		listeners.reduce((sum, tracks) => sum + tracks(), 0),
		20
	);
	await bench.clear();
}

/** A class of forty: the teacher is seen and heard. */
async function schoolClass(bench: Bench): Promise<void> {
	const roomId = roomName();
	const teacher = await bench.join(roomId, 'teacher');
	void teacher.say(voice(lasting + 20, 1));
	const camera = await teacher.show('camera', 640, 360);
	await wait(1_500);
	const listeners = await Promise.all(Array.from({ length: 39 }, () => bench.listen(roomId)));
	await wait(2_000);
	const cpu = await loadOf(bench.livekit);
	tell(
		'class of 40, one camera (640 × 360) and one voice',
		cpu,
		listeners.reduce((sum, tracks) => sum + tracks(), 0),
		40
	);
	await camera.stop();
	await bench.clear();
}

/** One voice for many, as many as this machine joins in two minutes and at most five hundred. */
async function listeners(bench: Bench): Promise<void> {
	const roomId = roomName();
	const speaker = await bench.join(roomId, 'speaker');
	void speaker.say(voice(170, 1));
	const joined: (() => number)[] = [];
	const [from, until] = [performance.now(), performance.now() + 120_000];
	while (joined.length < 500 && performance.now() < until) {
		const batch = await Promise.all(Array.from({ length: 10 }, () => bench.listen(roomId).catch(() => null)));
		const there = batch.filter((one) => one !== null);
		joined.push(...there);
		if (there.length < batch.length) break;
	}
	const took = (performance.now() - from) / 1_000;
	await wait(2_000);
	const cpu = await loadOf(bench.livekit);
	console.log(`${joined.length} listeners joined in ${took.toFixed(0)} s`);
	tell(
		`${joined.length} listeners of one voice`,
		cpu,
		joined.reduce((sum, tracks) => sum + tracks(), 0),
		joined.length
	);
	await bench.clear();
}

/** Ten lessons at once, each with a camera and two voices, all recorded. */
async function recording(bench: Bench): Promise<void> {
	const make = factories(bench.services);
	const space = await make.space('class', await make.space('school', await make.space('region')));
	const lessons = 10;
	const stops: { stop(): Promise<void> }[] = [];
	const idle = await loadOf(bench.recorder, () => wait(5_000));
	for (let index = 0; index < lessons; index++) {
		const room = await make.room('meeting', space);
		const [teacher, student] = await Promise.all(
			(['teacher', 'student'] as const).map(async (role) => {
				const personId = await make.person(role, [[role, space]]);
				const ctx = make.as(personId, [[role, space]]);
				await enterRoom(ctx, { roomId: room.id });
				const call = await bench.join(room.id, personId);
				void call.say(voice(lasting + 40, index));
				return { ctx, call };
			})
		);
		if (!teacher || !student) throw new Error('nobody');
		stops.push(await teacher.call.show('camera', 640, 360));
		await startRecording(teacher.ctx, { roomId: room.id });
		await consent(student.ctx, { roomId: room.id, given: true });
	}
	await wait(5_000);
	const cpu = await loadOf(bench.recorder);
	const memory = memoryOf(bench.recorder);
	const { tracks, going } = await query(systemContext(bench.services), async (ctx) => ({
		tracks: await ctx.db.select().from(recordingTracks),
		going: await ctx.db.select().from(recordings)
	}));
	const bytes = tracks.reduce((sum, track) => sum + track.bytes, 0);
	const seconds = tracks.reduce((most, track) => Math.max(most, track.duration), 0) / 1_000;
	console.log(
		`${going.length} lessons recorded at once, ${tracks.filter(({ bytes }) => bytes > 0).length} tracks: recorder ${cpu.toFixed(2)} CPU s/s (idle ${idle.toFixed(2)}), ` +
			`${((cpu / (lessons * 2)) * 1_000).toFixed(1)} ms/s a participant, ${memory.toFixed(0)} MiB, ${(bytes / 1_000 / seconds / lessons).toFixed(0)} kB/s a lesson`
	);
	for (const camera of stops) await camera.stop();
	await bench.clear();
}

const steps: Record<string, (bench: Bench) => Promise<void>> = { audible, audio, class: schoolClass, listeners, recording };

console.log(machine());
const space = await openSpace(['postgres', 'livekit', 'recorder']);
const env = readEnv({ ...space.settings, NODE_ENV: 'test' });
const address = mediaAddress(env);
if (!space.database || !address) throw new Error('no database or no media server');
const services = await openServices({
	databaseUrl: space.database.appUrl,
	settings: { ...space.settings, NODE_ENV: 'test' }
});
const bench = new Bench(space, { ...services, media: openMedia(env, services.log) }, address);
try {
	for (const name of values.only?.split(',') ?? Object.keys(steps)) {
		const step = steps[name];
		if (!step) throw new Error(`no step ${name}; there are ${Object.keys(steps).join(', ')}`);
		await step(bench);
	}
} finally {
	await services.close();
	await dispose();
	await closeSpace(space);
}
