import { closings } from '#lib/documents/model.ts';
import type { Closing } from '#lib/documents/model.ts';
import type { Socket } from './connection.ts';

/** How long the other side may take to answer a close, in milliseconds, before the line is cut. */
const patience = 1_000;

/** Ends a connection by name; whoever does not answer is cut off. The browser turns the code into a sentence. */
export function closeWith(socket: Socket, closing: Closing): void {
	if (socket.readyState === socket.CLOSED) return;
	socket.close(closings[closing], closing);
	setTimeout(() => socket.terminate(), patience).unref();
}
