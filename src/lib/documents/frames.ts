import { createDecoder, hasContent, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint8Array } from 'lib0/encoding';

// Where WebSockets do not pass, the messages of a document connection travel in the bodies of HTTP requests, one after
// the other, each with its length (varUint8Array). All requests go to `/collab/{documentId}`: POST `?open` with the token
// as bearer opens (201 and `{line}`); with the line as bearer POST `?from=n` sends, GET `?after=n` waits for messages (200;
// 204 when there are none for a while) and POST `?leave` leaves. 410 and `{code}`: closed, as a WebSocket would be. Messages
// are counted on either side, and `n` says how many were sent or have arrived before: networks repeat a request whose answer
// they lose, and nothing comes twice or never.

/** Bytes of messages in one body; a longer message goes alone. */
export const largestBody = 2 * 1024 * 1024;

export function packFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const encoder = createEncoder();
	for (const frame of frames) writeVarUint8Array(encoder, frame);
	return toUint8Array(encoder) as Uint8Array<ArrayBuffer>;
}

/** Throws when a frame is longer than what is there. */
export function unpackFrames(body: Uint8Array): Uint8Array[] {
	const decoder = createDecoder(body);
	const frames: Uint8Array[] = [];
	while (hasContent(decoder)) frames.push(readVarUint8Array(decoder));
	return frames;
}

/** How many of the first frames go into one body. */
export function fitting(frames: readonly Uint8Array[]): number {
	let bytes = 0;
	const end = frames.findIndex((frame, index) => (bytes += frame.length) > largestBody && index > 0);
	return end === -1 ? frames.length : end;
}
