/**
 * How speech is told from silence. Measured on LiveKit 1.11 with the `audio` settings of
 * bin/servers/livekit.ts (windows of 100 ms, no smoothing, louder than −38 dBov for 40 % of a window), with
 * and without DTX, against recordings whose speech was measured by energy: see media/listener.test.ts.
 */
export const hearing = {
	/** From the first sound until LiveKit says that someone speaks: a window fills and is looked at (mean of 16 phrases: 119 to 138 ms). */
	startLag: 120,
	/** From the last sound until LiveKit says that it ended (mean: 169 to 191 ms). */
	endLag: 180,
	/** Pauses shorter than this are breath, not the end of an utterance. */
	breath: 300,
	/** Anything shorter is a cough or a click. */
	shortest: 100,
	/** How often an utterance that goes on is noted, so that a crash costs at most this much of it. */
	beat: 1_000
} as const;

export type Hearing = Record<keyof typeof hearing, number>;
