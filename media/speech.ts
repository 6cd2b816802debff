import type { Hearing } from './hearing.ts';

export interface SpeechTold {
	/** Someone began to speak, at a time in milliseconds. */
	began(personId: string, at: number): void;
	/** … and has ended; told once a breath has passed. */
	ended(personId: string, at: number): void;
}

interface Talk {
	speaking: boolean;
	/** When the last sound was heard, while silent. */
	heardAt: number;
	pause?: NodeJS.Timeout;
}

/** Makes utterances of what the media server says about who speaks now, in one room. */
export interface Speech {
	/** Who speaks, at the time it was told. */
	hear(speakers: ReadonlySet<string>, at: number): void;
	/** Everyone falls silent now: the room or the connection ended. */
	silence(at: number): void;
}

export function followSpeech({ startLag, endLag, breath }: Hearing, told: SpeechTold): Speech {
	const talks = new Map<string, Talk>();

	function begin(personId: string, at: number): void {
		const talk = talks.get(personId);
		if (talk?.speaking) return;
		if (talk) {
			// A breath: the same utterance goes on.
			clearTimeout(talk.pause);
			talk.speaking = true;
			return;
		}
		talks.set(personId, { speaking: true, heardAt: at });
		told.began(personId, at - startLag);
	}

	function pause(personId: string, talk: Talk, at: number): void {
		talk.speaking = false;
		talk.heardAt = at - endLag;
		// The next word, if it came within a breath, is known by then.
		talk.pause = setTimeout(() => end(personId, talk), Math.max(0, breath + startLag - endLag));
	}

	function end(personId: string, talk: Talk): void {
		clearTimeout(talk.pause);
		talks.delete(personId);
		told.ended(personId, talk.heardAt);
	}

	return {
		hear(speakers, at) {
			for (const personId of speakers) begin(personId, at);
			for (const [personId, talk] of talks) if (talk.speaking && !speakers.has(personId)) pause(personId, talk, at);
		},
		silence(at) {
			for (const [personId, talk] of [...talks]) {
				// Nothing said that it was silent before: it was heard until now.
				if (talk.speaking) talk.heardAt = at;
				end(personId, talk);
			}
		}
	};
}
