import fc from 'fast-check';
import { expect, test } from 'vitest';
import { speak } from '#tests/support/voices.ts';
import { followHowl, quiet } from './howl.ts';

const rate = 16_000;
const size = 512;

/** The spectrum of a window of sound in dB, as an AnalyserNode makes it (Blackman window, not smoothed). */
function spectrumOf(samples: Float64Array): Float64Array {
	const levels = new Float64Array(size / 2);
	for (let bin = 0; bin < levels.length; bin++) {
		let [re, im] = [0, 0];
		for (let n = 0; n < size; n++) {
			const window = 0.42 - 0.5 * Math.cos((2 * Math.PI * n) / size) + 0.08 * Math.cos((4 * Math.PI * n) / size);
			const sample = (samples[n] ?? 0) * window;
			re += sample * Math.cos((2 * Math.PI * bin * n) / size);
			im -= sample * Math.sin((2 * Math.PI * bin * n) / size);
		}
		levels[bin] = 20 * Math.log10(Math.hypot(re, im) / size + 1e-10);
	}
	return levels;
}

/** When howling is heard in so many seconds of sound, in milliseconds from its begin; null when never. */
function heard(seconds: number, sound: (time: number) => number): number | null {
	let howl = quiet;
	for (let at = 0; at < seconds * 1000; at += 100) {
		const samples = Float64Array.from({ length: size }, (_, n) => sound(at / 1000 + n / rate));
		howl = followHowl(howl, spectrumOf(samples), at);
		if (howl.howls) return at;
	}
	return null;
}

const tone = (frequency: number, loudness: (time: number) => number) => (time: number) =>
	Math.min(1, loudness(time)) * Math.sin(2 * Math.PI * frequency * time);

test('a tone that grows is feedback, whatever its pitch, and is heard within two seconds and a half', () => {
	for (const frequency of [300, 800, 1_500, 3_200, 5_000]) {
		const at = heard(
			4,
			tone(frequency, (time) => 0.01 * 4 ** (time * 1.5))
		);
		expect(at).not.toBeNull();
		expect(at).toBeLessThanOrEqual(2_500);
	}
});

test('a machine that hums, a note that ends, silence and a scale are none', () => {
	expect(
		heard(
			4,
			tone(500, () => 0.02)
		)
	).toBeNull();
	expect(
		heard(
			4,
			tone(500, (time) => (time < 0.6 ? 0.5 : 0))
		)
	).toBeNull();
	expect(heard(4, () => 0)).toBeNull();
	expect(heard(4, (time) => 0.4 * Math.sin(2 * Math.PI * 440 * 2 ** (Math.floor(time * 3) / 12) * time))).toBeNull();
});

test('speech is none, however somebody speaks', () => {
	for (const pitch of [110, 160, 240]) {
		const { samples, sampleRate } = speak([{ silence: 0, speech: 4_000 }], { seed: pitch, pitch, tail: 0 });
		expect(heard(3.5, (time) => (samples[Math.floor(time * sampleRate)] ?? 0) / 32_768)).toBeNull();
	}
});

test('whatever spectrum comes, even one that is none, is no error and no feedback at first sight', () => {
	fc.assert(
		fc.property(fc.array(fc.double(), { maxLength: 64 }), fc.nat(), (spectrum, at) => {
			expect(followHowl(quiet, spectrum, at).howls).toBe(false);
		})
	);
});
