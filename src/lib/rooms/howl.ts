/** What is known of a tone that may be feedback: it goes round through a speaker and a microphone and grows. */
export interface Howl {
	/** The bin of the tone, and since when it is there; null while no tone stands out. */
	tone: { bin: number; since: number; firstLevel: number; level: number } | null;
	howls: boolean;
}

export const quiet: Howl = { tone: null, howls: false };

/** How far a tone stands above the rest, and how loud it is at least, in dB. */
const prominence = 32;
const audible = -55;
/** How long it stays in its place before it counts, in milliseconds; a vowel or a note is gone by then or moves. */
const sustained = 900;
/** How much it has grown meanwhile, or how loud it has become, in dB: a hum of a machine stays as it is. */
const growth = 8;
const roaring = -18;
/** The tone keeps its place within so many bins. */
const drift = 1;

/** What the sound is like after one more look at its spectrum: decibels by bin, as an AnalyserNode gives them. */
export function followHowl(howl: Howl, spectrum: ArrayLike<number>, at: number): Howl {
	const peak = peakOf(spectrum);
	if (!peak) return quiet;
	const { tone } = howl;
	if (!tone || Math.abs(tone.bin - peak.bin) > drift || peak.level < tone.level - 10)
		return { tone: { ...peak, since: at, firstLevel: peak.level }, howls: false };
	const now = { ...tone, bin: peak.bin, level: peak.level };
	const grown = peak.level - tone.firstLevel >= growth || peak.level >= roaring;
	return { tone: now, howls: at - tone.since >= sustained && grown };
}

/** The one tone that stands out from everything else, if there is one. */
function peakOf(spectrum: ArrayLike<number>): { bin: number; level: number } | null {
	let bin = -1;
	for (let index = 2; index < spectrum.length; index++)
		if (bin < 0 || (spectrum[index] ?? -200) > (spectrum[bin] ?? -200)) bin = index;
	const level = spectrum[bin] ?? -200;
	if (!(level >= audible)) return null;
	// Speech and music have overtones: next to feedback everything else is faint.
	let rest = -200;
	for (let index = 2; index < spectrum.length; index++)
		if (Math.abs(index - bin) > 6) rest = Math.max(rest, Number.isFinite(spectrum[index]) ? (spectrum[index] ?? -200) : -200);
	return level - rest >= prominence ? { bin, level } : null;
}
