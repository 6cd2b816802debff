/** How well the line of a call is, as the media server judges it. */
export type LineQuality = 'excellent' | 'good' | 'poor' | 'lost' | 'unknown';

/** One look at the line, every two seconds. */
export interface Reading {
	/** Milliseconds on any steady clock. */
	at: number;
	quality: LineQuality;
	/** What may be sent, in kbit/s; null while nothing is sent that would show it. */
	kbps: number | null;
	/** Share of what came and was lost on the way since the last look, 0 to 1; null while nothing comes. */
	loss: number | null;
}

/** What is given up so that voices come through: nothing, cameras, or every moving picture. */
export type Thrift = 'none' | 'cameras' | 'video';

export interface Line {
	thrift: Thrift;
	badSince: number | null;
	goodSince: number | null;
	/** How long the line has to be good before pictures are tried again, in milliseconds. */
	patience: number;
	/** When pictures were tried again last. */
	triedAt: number | null;
}

/** Below this a picture takes the line away from the voice, in kbit/s. */
export const leastForPictures = 300;
/** Share of packets lost at which speech begins to break. */
const muchLoss = 0.12;
const timeToSave = 4_000;
/** The media server also calls a line poor whose browser is merely busy: without a measurement that must last. */
const timeToBelieve = 10_000;
const timeToSaveMore = 6_000;
const shortPatience = 12_000;
const longPatience = 120_000;
/** Whoever falls back within this time of a new try waits longer for the next one. */
const relapse = 60_000;

export const freshLine = (): Line => ({
	thrift: 'none',
	badSince: null,
	goodSince: null,
	patience: shortPatience,
	triedAt: null
});

const steps: readonly Thrift[] = ['none', 'cameras', 'video'];

/**
 * What is given up after one more look. A moment of trouble changes nothing; what was given up comes back after the
 * line was good for a while, one step at a time, and later each time that this was too soon.
 */
export function followLine(line: Line, { at, quality, kbps, loss }: Reading): Line {
	const isMeasured = quality === 'lost' || (kbps !== null && kbps < leastForPictures) || (loss !== null && loss > muchLoss);
	const bad = isMeasured || quality === 'poor';
	const step = steps.indexOf(line.thrift);
	if (bad) {
		const badSince = line.badSince ?? at;
		const worse = { ...line, badSince, goodSince: null };
		const wait = isMeasured ? (step === 0 ? timeToSave : timeToSaveMore) : timeToBelieve;
		if (step === 2 || at - badSince < wait) return worse;
		const relapsed = line.triedAt !== null && at - line.triedAt < relapse;
		const patience = relapsed ? Math.min(longPatience, line.patience * 2) : step === 0 ? shortPatience : line.patience;
		return { ...worse, badSince: at, thrift: steps[step + 1] ?? 'video', patience };
	}
	const goodSince = line.goodSince ?? at;
	const better = { ...line, badSince: null, goodSince };
	if (step === 0 || at - goodSince < line.patience) return better;
	return { ...better, goodSince: at, thrift: steps[step - 1] ?? 'none', triedAt: at };
}
