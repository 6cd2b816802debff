import { readFileSync, writeFileSync } from 'node:fs';

/** A stretch of time in a recording, in milliseconds from its start. */
export interface Stretch {
	from: number;
	to: number;
}

/** Mono sound with what is known about it. */
export interface Voice {
	sampleRate: number;
	samples: Int16Array;
	/** When somebody speaks, measured by energy; pauses of less than `breath` belong to the speech. */
	speech: Stretch[];
}

/** One thing said: so long a silence, then so long a speech, in milliseconds. */
export interface Phrase {
	silence: number;
	speech: number;
}

const SAMPLE_RATE = 48_000;
const BREATH = 300;

/** Formants (Hz, bandwidth in Hz) of the vowels a, i, u, e, o of an adult. */
const VOWELS: readonly (readonly [number, number])[][] = [
	[
		[730, 90],
		[1090, 110],
		[2440, 170]
	],
	[
		[270, 60],
		[2290, 120],
		[3010, 200]
	],
	[
		[300, 60],
		[870, 100],
		[2240, 170]
	],
	[
		[530, 80],
		[1840, 110],
		[2480, 170]
	],
	[
		[570, 80],
		[840, 100],
		[2410, 170]
	]
];

/**
 * Something that sounds like speech: syllables of a glottal pulse train through three formants, each led in
 * by a consonant's hiss, four to six a second. The same seed says the same.
 */
export function speak(phrases: readonly Phrase[], { seed = 1, pitch = 140, tail = 1000 } = {}): Voice {
	const random = randomNumbers(seed);
	const parts: Float64Array[] = [];
	for (const { silence, speech } of phrases)
		parts.push(new Float64Array(inSamples(silence)), sayPhrase(inSamples(speech), pitch, random));
	parts.push(new Float64Array(inSamples(tail)));
	return voiceOf(toPcm(parts), SAMPLE_RATE);
}

/** Reads a wav of 16-bit mono PCM. */
export function readVoice(file: string): Voice {
	const bytes = readFileSync(file);
	const data = bytes.indexOf('data') + 8;
	const samples = new Int16Array(
		bytes.buffer.slice(bytes.byteOffset + data, bytes.byteOffset + bytes.length - ((bytes.length - data) % 2))
	);
	return voiceOf(samples, bytes.readUInt32LE(24));
}

/** Writes a wav that Chromium takes with `--use-file-for-fake-audio-capture=<file>%noloop`. */
export function writeVoice(file: string, { sampleRate, samples }: Voice): void {
	const header = Buffer.alloc(44);
	header.write('RIFF', 0);
	header.writeUInt32LE(36 + samples.byteLength, 4);
	header.write('WAVEfmt ', 8);
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(1, 20);
	header.writeUInt16LE(1, 22);
	header.writeUInt32LE(sampleRate, 24);
	header.writeUInt32LE(sampleRate * 2, 28);
	header.writeUInt16LE(2, 32);
	header.writeUInt16LE(16, 34);
	header.write('data', 36);
	header.writeUInt32LE(samples.byteLength, 40);
	writeFileSync(file, Buffer.concat([header, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)]));
}

/** How long somebody speaks in it, in seconds. */
export const speechSeconds = ({ speech }: Pick<Voice, 'speech'>): number =>
	speech.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;

/** When somebody speaks: frames of 10 ms louder than −45 dBFS, joined over pauses of less than a breath. */
export function findSpeech(samples: Int16Array, sampleRate: number): Stretch[] {
	const frame = sampleRate / 100;
	const threshold = 32_768 * 10 ** (-45 / 20);
	const found: Stretch[] = [];
	for (let start = 0; start + frame <= samples.length; start += frame) {
		const sound = samples.subarray(start, start + frame);
		const level = Math.sqrt(sound.reduce((sum, sample) => sum + sample * sample, 0) / frame);
		if (level < threshold) continue;
		const from = (start / sampleRate) * 1000;
		const last = found.at(-1);
		if (last && from - last.to < BREATH) last.to = from + 10;
		else found.push({ from, to: from + 10 });
	}
	return found;
}

const inSamples = (ms: number): number => Math.round((ms / 1000) * SAMPLE_RATE);

const voiceOf = (samples: Int16Array, sampleRate: number): Voice => ({
	sampleRate,
	samples,
	speech: findSpeech(samples, sampleRate)
});

function sayPhrase(length: number, pitch: number, random: () => number): Float64Array {
	const sound = new Float64Array(length);
	for (let start = 0; start < length;) {
		const wanted = inSamples(170 + random() * 90);
		// The last syllable takes what is left, so that the phrase ends when it should.
		const syllable = length - start < wanted * 1.6 ? length - start : wanted;
		saySyllable(sound.subarray(start, start + syllable), pitch * (0.85 + random() * 0.35), random);
		start += syllable;
	}
	return sound;
}

function saySyllable(sound: Float64Array, pitch: number, random: () => number): void {
	const formants = VOWELS[Math.floor(random() * VOWELS.length)] ?? [];
	const hiss = Math.min(inSamples(45), sound.length / 4);
	const ramp = Math.min(inSamples(20), sound.length / 4);
	const vowel = new Float64Array(sound.length);
	let phase = 0;
	for (let index = 0; index < sound.length; index++) {
		phase += (pitch * (1 - (0.15 * index) / sound.length)) / SAMPLE_RATE;
		if (phase < 1) continue;
		phase -= 1;
		vowel[index] = 1;
	}
	for (const formant of formants) resonate(vowel, formant);
	const loudest = vowel.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
	for (let index = 0; index < sound.length; index++) {
		const loudness = Math.min(1, index / ramp, (sound.length - index) / ramp);
		const consonant = index < hiss ? 0.06 * (random() * 2 - 1) : 0;
		sound[index] = (0.1 + 0.9 * loudness) * ((0.55 * (vowel[index] ?? 0)) / loudest + consonant);
	}
}

/** A two-pole resonator (Klatt 1980, "Software for a cascade/parallel formant synthesizer", eq. 2). */
function resonate(sound: Float64Array, [frequency, bandwidth]: readonly [number, number]): void {
	const c = -Math.exp((-2 * Math.PI * bandwidth) / SAMPLE_RATE);
	const b = 2 * Math.exp((-Math.PI * bandwidth) / SAMPLE_RATE) * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
	const a = 1 - b - c;
	let before = 0;
	let earlier = 0;
	for (let index = 0; index < sound.length; index++) {
		const now = a * (sound[index] ?? 0) + b * before + c * earlier;
		sound[index] = now;
		earlier = before;
		before = now;
	}
}

function toPcm(parts: readonly Float64Array[]): Int16Array {
	const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
	let position = 0;
	for (const part of parts)
		for (const sample of part) samples[position++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
	return samples;
}

/** mulberry32: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
