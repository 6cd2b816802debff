import type { Hearing } from './hearing.ts';

export interface SpeechTold {
	/** Speech began, at a time in milliseconds. */
	began(at: number): void;
	/** … and has ended; told once a breath has passed. */
	ended(at: number): void;
}

/** Makes utterances of what the media server says about whether one person speaks. */
export interface Speech {
	/** Whether the person speaks, at the time it was told. */
	hear(speaks: boolean, at: number): void;
	/** Nothing is heard any more: the person left, or the connection was lost. */
	end(at: number): void;
}

export function followSpeech({ startLag, endLag, breath }: Hearing, told: SpeechTold): Speech {
	let state: 'silent' | 'speaking' | 'breathing' = 'silent';
	let heardAt = 0;
	let pause: NodeJS.Timeout | undefined;

	function finish(): void {
		clearTimeout(pause);
		if (state !== 'silent') told.ended(heardAt);
		state = 'silent';
	}

	return {
		hear(speaks, at) {
			if (speaks) {
				clearTimeout(pause);
				if (state === 'silent') told.began(at - startLag);
				state = 'speaking';
			} else if (state === 'speaking') {
				state = 'breathing';
				heardAt = at - endLag;
				// By then the next word, if it came within a breath, has been told of.
				pause = setTimeout(finish, Math.max(0, breath + startLag - endLag));
			}
		},
		end(at) {
			// Nobody said that it was silent: it was heard until now.
			if (state === 'speaking') heardAt = at;
			finish();
		}
	};
}
