/** What is looked at, in the order of a technician: from the page outward to the media, then this device. */
export const items = [
	'browser',
	'hub',
	'socket',
	'collab',
	'signalling',
	'udp',
	'tcp',
	'turn',
	'quality',
	'up',
	'down',
	'microphone',
	'camera',
	'speaker'
] as const;
export type Item = (typeof items)[number];

/** How it is; `skipped` was not tried, because something before it failed or it is not set up. */
export type Outcome = 'waiting' | 'running' | 'ok' | 'slow' | 'blocked' | 'skipped';

export interface Found {
	outcome: Outcome;
	/** What was measured, with its unit, the same in each language. */
	value: string;
}

/** How browsers reach the hub and its media, from the running settings. */
export interface Ways {
	origin: string;
	/** Where media are; null when the media server says so itself. */
	mediaAddress: string | null;
	udpPort: number | null;
	tcpPort: number | null;
	/** TURN servers as browsers are told of them, without passwords. */
	turn: string[];
	hasMedia: boolean;
	/** The address from which the asker came, as the hub sees it. */
	seenFrom: string | null;
}

const grade = (value: number, good: number, bearable: number): 'ok' | 'slow' | 'blocked' =>
	value <= good ? 'ok' : value <= bearable ? 'slow' : 'blocked';

/** The time of an answer of the hub, in milliseconds; slow is never blocked, for it did answer. */
export const judgeAnswer = (ms: number): 'ok' | 'slow' => (ms <= 400 ? 'ok' : 'slow');

/** How well voices come through: round trip and jitter in milliseconds, loss from 0 to 1; the worst of the three counts. */
export function judgeQuality({
	roundTrip,
	jitter,
	loss
}: {
	roundTrip: number;
	jitter: number;
	loss: number;
}): 'ok' | 'slow' | 'blocked' {
	const grades = [grade(roundTrip, 200, 600), grade(jitter, 40, 150), grade(loss, 0.03, 0.15)];
	return grades.includes('blocked') ? 'blocked' : grades.includes('slow') ? 'slow' : 'ok';
}

/** Room for one picture, in kbit/s: below 300 only voices come through. */
export const judgeRoom = (kbps: number): 'ok' | 'slow' | 'blocked' => (kbps >= 700 ? 'ok' : kbps >= 300 ? 'slow' : 'blocked');

/** Oldest versions with which calls were made to work; what is not known is let through. */
const oldest: readonly (readonly [RegExp, number, string])[] = [
	[/Edg\/(\d+)/, 100, 'Edge'],
	[/Firefox\/(\d+)/, 115, 'Firefox'],
	[/Chrome\/(\d+)/, 100, 'Chrome'],
	[/Version\/(\d+).*Safari/, 16, 'Safari']
];

export function judgeBrowser(userAgent: string, hasCalls: boolean): Found {
	for (const [pattern, least, name] of oldest) {
		const version = Number(pattern.exec(userAgent)?.[1] ?? 0);
		if (version > 0) return { outcome: !hasCalls ? 'blocked' : version < least ? 'slow' : 'ok', value: `${name} ${version}` };
	}
	return { outcome: hasCalls ? 'ok' : 'blocked', value: '' };
}

/** The worst that was found, which is said first. */
export function worstOf(found: Iterable<Found>): 'ok' | 'slow' | 'blocked' {
	const outcomes = [...found].map(({ outcome }) => outcome);
	return outcomes.includes('blocked') ? 'blocked' : outcomes.includes('slow') ? 'slow' : 'ok';
}
