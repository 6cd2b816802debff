import type { Going } from '#lib/recordings/server/index.ts';
import type { Trouble } from '#lib/recordings/model.ts';

/** Keeps what is sent in one call, until it is ended. */
export interface Recording {
	/** Whose sound and picture may be kept from now on. */
	allow(consents: ReadonlySet<string>): void;
	/** What keeps it from keeping just now. */
	trouble(): Trouble | null;
	/** Ends it; resolves when every file is whole. */
	close(): Promise<void>;
}

/**
 * Something that can record calls: the space's own recorder, which keeps each track as it was sent, or LiveKit's
 * Egress at sites that run it.
 */
export interface Recorder {
	record(going: Going): Promise<Recording>;
	/** Makes whole what is there of a file that nobody closed; null when that is nothing. */
	mend(recordingId: string, trackId: string): Promise<{ duration: number; bytes: number } | null>;
}
