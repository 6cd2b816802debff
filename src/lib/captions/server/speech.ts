import type { Env } from '#src/env.ts';
import type { AudioType, Heard } from '../model.ts';
import { openAiSpeech } from './openai.ts';

/** What turns speech into text, as narrow as captions need it. */
export interface SpeechRecognition {
	/** What is said in a piece of sound, with seconds from its beginning; nothing when nobody speaks. Throws `Unavailable`. */
	recognise(audio: Uint8Array, type: AudioType): Promise<Heard[]>;
}

/** The recogniser that the settings name; null: speech stays speech. */
export function speechOf(
	env: Pick<Env, 'SPEECH_URL' | 'SPEECH_KEY' | 'SPEECH_MODEL' | 'SPEECH_LANGUAGE'>
): SpeechRecognition | null {
	if (!env.SPEECH_URL) return null;
	return openAiSpeech({ url: env.SPEECH_URL, key: env.SPEECH_KEY, model: env.SPEECH_MODEL, language: env.SPEECH_LANGUAGE });
}
