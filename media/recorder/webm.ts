/**
 * WebM as it is written while something goes on: the head, then clusters of about a second, each whole when it is
 * written. A crash costs the last second at most. When it ends, an index follows, and the head learns how long it is.
 * Element ids: RFC 8794 (EBML) and RFC 9559 (Matroska).
 */

const id = {
	ebml: 0x1a45dfa3,
	segment: 0x18538067,
	seekHead: 0x114d9b74,
	seek: 0x4dbb,
	seekId: 0x53ab,
	seekPosition: 0x53ac,
	info: 0x1549a966,
	timestampScale: 0x2ad7b1,
	duration: 0x4489,
	muxingApp: 0x4d80,
	writingApp: 0x5741,
	tracks: 0x1654ae6b,
	trackEntry: 0xae,
	cluster: 0x1f43b675,
	timestamp: 0xe7,
	simpleBlock: 0xa3,
	cues: 0x1c53bb6b,
	cuePoint: 0xbb,
	cueTime: 0xb3,
	cueTrackPositions: 0xb7,
	cueTrack: 0xf7,
	cueClusterPosition: 0xf1,
	voidElement: 0xec
} as const;

function unsigned(value: number): Buffer {
	const bytes: number[] = [];
	for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
	return Buffer.from(bytes);
}

function double(value: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeDoubleBE(value);
	return bytes;
}

/** A length of eight bytes, so that it can be written over. */
function length(value: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(value) | (1n << 56n));
	return bytes;
}

const unknownLength = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

const element = (name: number, ...content: readonly Buffer[]): Buffer => {
	const inside = Buffer.concat(content);
	return Buffer.concat([unsigned(name), length(inside.length), inside]);
};

/** What is coded in a file, of one track. */
export type Coded = { codec: 'opus'; channels: number } | { codec: 'vp8'; width: number; height: number };

/** What a decoder of Opus is told first: RFC 7845, 5.1. */
export function opusHead(channels: number): Buffer {
	const head = Buffer.alloc(19);
	head.write('OpusHead');
	head.writeUInt8(1, 8);
	head.writeUInt8(channels, 9);
	head.writeUInt16LE(0, 10);
	head.writeUInt32LE(48_000, 12);
	return head;
}

const text = (value: string): Buffer => Buffer.from(value, 'ascii');

function trackOf(coded: Coded): Buffer {
	const common = [
		element(0xd7, unsigned(1)),
		element(0x73c5, unsigned(1)),
		element(0x9c, unsigned(0)),
		element(0x22b59c, text('und'))
	];
	return coded.codec === 'opus'
		? element(
				id.trackEntry,
				...common,
				element(0x83, unsigned(2)),
				element(0x86, text('A_OPUS')),
				element(0x63a2, opusHead(coded.channels)),
				element(0xe1, element(0xb5, double(48_000)), element(0x9f, unsigned(coded.channels)))
			)
		: element(
				id.trackEntry,
				...common,
				element(0x83, unsigned(1)),
				element(0x86, text('V_VP8')),
				element(0xe0, element(0xb0, unsigned(coded.width)), element(0xba, unsigned(coded.height)))
			);
}

/** Room in the head for where the index is, which is known at the end. */
const seekRoom = 128;

/** Length and place of what is written over at the end, from the beginning of the file. */
interface Places {
	/** Where the segment's content begins: positions in it are counted from here. */
	readonly segment: number;
	readonly seek: number;
	readonly duration: number;
}

export interface Head {
	readonly bytes: Buffer;
	readonly places: Places;
}

export function head(coded: Coded): Head {
	const ebml = element(
		id.ebml,
		element(0x4286, unsigned(1)),
		element(0x42f7, unsigned(1)),
		element(0x42f2, unsigned(4)),
		element(0x42f3, unsigned(8)),
		element(0x4282, text('webm')),
		element(0x4287, unsigned(4)),
		element(0x4285, unsigned(2))
	);
	const segment = Buffer.concat([unsigned(id.segment), unknownLength]);
	const room = element(id.voidElement, Buffer.alloc(seekRoom - 9));
	const before = element(id.timestampScale, unsigned(1_000_000));
	const info = element(
		id.info,
		before,
		element(id.duration, double(0)),
		element(id.muxingApp, text('Xingtan')),
		element(id.writingApp, text('Xingtan'))
	);
	const start = ebml.length + segment.length;
	return {
		bytes: Buffer.concat([ebml, segment, room, info, element(id.tracks, trackOf(coded))]),
		places: { segment: start, seek: start, duration: start + seekRoom + 12 + before.length + 2 + 8 }
	};
}

/** A coded frame, at so many milliseconds from the beginning of its file. */
export interface Frame {
	readonly at: number;
	/** Needs none before it. */
	readonly whole: boolean;
	readonly data: Buffer;
}

/** Frames of at most half a minute, as one cluster. */
export function cluster(frames: readonly Frame[]): Buffer {
	const start = frames[0]?.at ?? 0;
	return element(
		id.cluster,
		element(id.timestamp, unsigned(start)),
		...frames.map(({ at, whole, data }) => {
			const header = Buffer.alloc(4);
			header.writeUInt8(0x81);
			header.writeInt16BE(Math.min(32_767, at - start), 1);
			header.writeUInt8(whole ? 0x80 : 0, 3);
			return element(id.simpleBlock, header, data);
		})
	);
}

/** A cluster that begins with a whole frame: when, and where in the file. */
export interface Cue {
	readonly at: number;
	readonly position: number;
}

/** What is written at the end, and what is written over in the head. */
export function end(places: Places, cues: readonly Cue[], size: number, duration: number) {
	const index = element(
		id.cues,
		...cues.map(({ at, position }) =>
			element(
				id.cuePoint,
				element(id.cueTime, unsigned(at)),
				element(
					id.cueTrackPositions,
					element(id.cueTrack, unsigned(1)),
					element(id.cueClusterPosition, unsigned(position - places.segment))
				)
			)
		)
	);
	const found = element(
		id.seekHead,
		element(id.seek, element(id.seekId, unsigned(id.cues)), element(id.seekPosition, unsigned(size - places.segment)))
	);
	return {
		index,
		over: [
			{
				at: places.seek,
				bytes: Buffer.concat([found, element(id.voidElement, Buffer.alloc(seekRoom - found.length - 9))])
			},
			{ at: places.duration, bytes: double(duration) }
		]
	};
}

/** What is whole of a file that was not ended: its clusters, and where the last of them ends. */
export interface Survey {
	readonly places: Places;
	readonly cues: readonly Cue[];
	readonly size: number;
	/** When the last frame is, in milliseconds. */
	readonly last: number;
	/** An index is there already. */
	readonly ended: boolean;
}

/** Reads what `head` and `cluster` wrote; `read` gives bytes of the file, fewer where it ends. Null when it is nothing of ours. */
export async function survey(read: (at: number, size: number) => Promise<Buffer>, fileSize: number): Promise<Survey | null> {
	const first = await read(0, 1024);
	const { places, bytes } = head({ codec: 'opus', channels: 1 });
	if (first.length < bytes.length / 2 || first.readUInt32BE(0) !== id.ebml) return null;
	const tracks = places.seek + seekRoom + infoLength(first, places.seek + seekRoom);
	if (first.length < tracks + 12 || first.readUInt32BE(tracks) !== id.tracks) return null;
	let at = tracks + 12 + Number(first.readBigUInt64BE(tracks + 4) & 0x00ff_ffff_ffff_ffffn);
	const cues: Cue[] = [];
	let last = 0;
	while (at + 12 <= fileSize) {
		const opening = await read(at, 64);
		if (opening.length < 34) break;
		const name = opening.readUInt32BE(0);
		if (name === id.cues) return { places, cues, size: at, last, ended: true };
		const inside = Number(opening.readBigUInt64BE(4) & 0x00ff_ffff_ffff_ffffn);
		if (name !== id.cluster || at + 12 + inside > fileSize) break;
		const body = await read(at + 12, inside);
		const blocks = blocksIn(body);
		if (!blocks) break;
		if (blocks.whole) cues.push({ at: blocks.first, position: at });
		last = blocks.last;
		at += 12 + inside;
	}
	return { places, cues, size: at, last, ended: false };
}

const infoLength = (bytes: Buffer, at: number): number =>
	bytes.length >= at + 12 && bytes.readUInt32BE(at) === id.info
		? 12 + Number(bytes.readBigUInt64BE(at + 4) & 0x00ff_ffff_ffff_ffffn)
		: 0;

function blocksIn(body: Buffer): { first: number; last: number; whole: boolean } | null {
	const stampSize = Number(body.readBigUInt64BE(1) & 0x00ff_ffff_ffff_ffffn);
	if (body.readUInt8(0) !== id.timestamp || stampSize > 6) return null;
	const first = stampSize === 0 ? 0 : body.readUIntBE(9, stampSize);
	let at = 9 + stampSize;
	let last = first;
	let whole: boolean | undefined;
	while (at + 13 <= body.length) {
		const size = Number(body.readBigUInt64BE(at + 1) & 0x00ff_ffff_ffff_ffffn);
		last = first + body.readInt16BE(at + 10);
		whole ??= (body.readUInt8(at + 12) & 0x80) !== 0;
		at += 9 + size;
	}
	return { first, last, whole: whole ?? false };
}
