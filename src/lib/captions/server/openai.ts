import { z } from 'zod';
import { Unavailable } from '#lib/server/errors.ts';
import { longestCaption } from '../model.ts';
import type { AudioType, Heard } from '../model.ts';
import type { SpeechRecognition } from './speech.ts';

interface Options {
	/** Such as https://speech.school.cn/v1. */
	url: string;
	key?: string | undefined;
	model: string;
	/** ISO 639-1. */
	language: string;
	/** Longest answer that is waited for, in milliseconds. */
	patience?: number;
}

/** The largest answer that is read, in bytes: half a minute of speech is some kilobytes. */
const largestAnswer = 1024 * 1024;
/** Pieces of one answer that are kept. */
const mostPieces = 200;
/** From this on a piece is taken for noise in which the model only imagines words. */
const silent = 0.85;

const Answer = z.object({
	text: z.string(),
	duration: z.coerce.number().nonnegative().optional().catch(undefined),
	segments: z
		.array(
			z.object({ start: z.number(), end: z.number(), text: z.string(), no_speech_prob: z.number().optional().catch(undefined) })
		)
		.optional()
		.catch(undefined)
});

/** Any server that speaks as OpenAI's does: `POST {url}/audio/transcriptions`, multipart. */
export function openAiSpeech({ url, key, model, language, patience = 60_000 }: Options): SpeechRecognition {
	const address = `${url.replace(/\/+$/, '')}/audio/transcriptions`;
	/** Some models know no answer with times. */
	let form = 'verbose_json';

	async function ask(audio: Uint8Array, type: AudioType, signal: AbortSignal): Promise<Response> {
		const body = new FormData();
		body.set('file', new Blob([audio as Uint8Array<ArrayBuffer>], { type }), type === 'audio/ogg' ? 'speech.ogg' : 'speech.wav');
		body.set('model', model);
		body.set('language', language);
		body.set('response_format', form);
		const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
		// A key goes to the server that is named, and nowhere that it points to.
		return fetch(address, { method: 'POST', body, headers, signal, redirect: 'error' });
	}

	return {
		async recognise(audio, type) {
			const signal = AbortSignal.timeout(patience);
			try {
				let response = await ask(audio, type, signal);
				if ([400, 422].includes(response.status) && form === 'verbose_json') {
					await response.body?.cancel();
					form = 'json';
					response = await ask(audio, type, signal);
				}
				if (!response.ok) {
					await response.body?.cancel();
					throw new Error(`the recogniser answered ${response.status}`);
				}
				return heardIn(Answer.parse(JSON.parse(await textOf(response))));
			} catch (error) {
				throw new Unavailable('captions.unavailable', { reason: error instanceof Error ? error.message : 'unknown' });
			}
		}
	};
}

/** The body of an answer, as far as a sensible one is long. */
async function textOf(response: Response): Promise<string> {
	const parts: Uint8Array[] = [];
	let bytes = 0;
	for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
		bytes += part.length;
		// Leaving the loop ends the line too.
		if (bytes > largestAnswer) throw new Error('the recogniser answered too much');
		parts.push(part);
	}
	return new TextDecoder().decode(Buffer.concat(parts));
}

function heardIn({ text, duration = 0, segments }: z.infer<typeof Answer>): Heard[] {
	const pieces = segments?.length
		? segments
				.filter(({ no_speech_prob = 0 }) => no_speech_prob < silent)
				.map(({ start, end, text }) => ({ from: start, to: end, text }))
		: [{ from: 0, to: duration, text }];
	return pieces.slice(0, mostPieces).flatMap(({ from, to, text }) => {
		const said = cleaned(text);
		const begin = Number.isFinite(from) ? Math.max(0, from) : 0;
		return said === '' ? [] : [{ from: begin, to: Number.isFinite(to) ? Math.max(begin, to) : begin, text: said }];
	});
}

/** Words only: nothing invisible, no line breaks. */
const cleaned = (text: string): string =>
	[
		...text
			.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
			.replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '')
			.replace(/\s+/g, ' ')
			.trim()
	]
		.slice(0, longestCaption)
		.join('');
