import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { messageTypes } from '#lib/documents/model.ts';
import type { Refusal } from '#lib/documents/model.ts';

/** Kinds of sync messages, as in y-protocols. */
export const syncSteps = { stateVector: 0, missing: 1, update: 2 } as const;
/** A client of y-websocket may ask for all awareness states. */
export const askAwareness = 3;

export function syncMessage(step: (typeof syncSteps)[keyof typeof syncSteps], payload: Uint8Array): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, messageTypes.sync);
	writeVarUint(encoder, step);
	writeVarUint8Array(encoder, payload);
	return toUint8Array(encoder);
}

/** What a sync message of ours carries. */
export function updateOf(message: Uint8Array): Uint8Array {
	const decoder = createDecoder(message);
	readVarUint(decoder);
	readVarUint(decoder);
	return readVarUint8Array(decoder);
}

export function awarenessMessage(update: Uint8Array): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, messageTypes.awareness);
	writeVarUint8Array(encoder, update);
	return toUint8Array(encoder);
}

export function durableMessage(count: number, at: number, stateVector: Uint8Array): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, messageTypes.durable);
	writeVarUint(encoder, count);
	writeVarUint(encoder, at);
	writeVarUint8Array(encoder, stateVector);
	return toUint8Array(encoder);
}

export function refusedMessage(index: number, refusal: Refusal): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, messageTypes.refused);
	writeVarUint(encoder, index);
	writeVarString(encoder, refusal);
	return toUint8Array(encoder);
}
