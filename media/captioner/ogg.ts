import { opusHead } from '../recorder/webm.ts';

/** The check sum of Ogg pages: RFC 3533, 6. */
const table = Array.from({ length: 256 }, (_, index) => {
	let value = index << 24;
	for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
	return value >>> 0;
});
const sumOf = (bytes: Buffer): number => {
	let sum = 0;
	for (const byte of bytes) sum = ((sum << 8) ^ (table[((sum >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
	return sum;
};

/** A page holds at most so many pieces of 255 bytes. */
const mostSegments = 255;

function page(
	packets: readonly Buffer[],
	{ kind, position, number }: { kind: number; position: number; number: number }
): Buffer {
	const segments = packets.flatMap((packet) => [
		...Array.from({ length: Math.floor(packet.length / 255) }, () => 255),
		packet.length % 255
	]);
	const header = Buffer.alloc(27 + segments.length);
	header.write('OggS');
	header.writeUInt8(kind, 5);
	header.writeBigInt64LE(BigInt(position), 6);
	header.writeUInt32LE(1, 14);
	header.writeUInt32LE(number, 18);
	header.writeUInt8(segments.length, 26);
	Buffer.from(segments).copy(header, 27);
	const bytes = Buffer.concat([header, ...packets]);
	bytes.writeUInt32LE(sumOf(bytes), 22);
	return bytes;
}

export interface OpusPacket {
	readonly data: Buffer;
	/** How long it sounds, in milliseconds. */
	readonly length: number;
}

/** Packets of Opus as one Ogg file: RFC 7845. */
export function oggOf(packets: readonly OpusPacket[]): Uint8Array<ArrayBuffer> {
	const tags = Buffer.concat([Buffer.from('OpusTags'), Buffer.from([7, 0, 0, 0]), Buffer.from('Xingtan'), Buffer.alloc(4)]);
	const pages = [page([opusHead(2)], { kind: 2, position: 0, number: 0 }), page([tags], { kind: 0, position: 0, number: 1 })];
	let [position, waiting, segments] = [0, [] as Buffer[], 0];
	for (const [index, { data, length }] of packets.entries()) {
		position += length * 48;
		waiting.push(data);
		segments += Math.floor(data.length / 255) + 1;
		const next = packets[index + 1];
		const last = next === undefined;
		if (!last && segments + Math.floor(next.data.length / 255) + 1 <= mostSegments && waiting.length < 50) continue;
		pages.push(page(waiting, { kind: last ? 4 : 0, position: Math.round(position), number: pages.length }));
		[waiting, segments] = [[], 0];
	}
	return Uint8Array.from(Buffer.concat(pages));
}
