import { diffArrays } from 'diff';
import { charactersIn } from '#lib/documents/characters.ts';
import { wordsIn } from '#lib/writing/document.ts';
import { isSegment } from './timeline.ts';
import type { Segment, ShownNode } from './timeline.ts';

export type Change = 'same' | 'inserted' | 'deleted';

/** Text of one author that is in both, or in one of them only. */
export interface ComparedPart extends Pick<Segment, 'text' | 'author' | 'from' | 'to'> {
	change: Change;
}
export interface ComparedLine {
	/** The element that holds it, such as `heading`, and how deep it lies in lists. */
	name: string;
	level: number;
	depth: number;
	parts: ComparedPart[];
}
export interface Amount {
	characters: number;
	words: number;
}
export interface Comparison {
	lines: ComparedLine[];
	inserted: Amount;
	deleted: Amount;
}

type Line = Omit<ComparedLine, 'parts'> & { text: string; segments: Segment[] };

/** Milliseconds after which texts that have little in common are not compared more finely. */
const patience = { lines: 1_500, words: 300 };
const newLine = '\n';

/** What has to be inserted into and deleted from one text for the other, word by word, Chinese words too. */
export function compare(before: readonly ShownNode[], after: readonly ShownNode[]): Comparison {
	const [old, fresh] = [linesOf(before), linesOf(after)];
	const lines: ComparedLine[] = [];
	const changes = diffArrays(textsOf(old), textsOf(fresh), { timeout: patience.lines }) ?? [
		{ count: old.length, added: false, removed: true },
		{ count: fresh.length, added: true, removed: false }
	];
	let [o, f] = [0, 0];
	for (let index = 0; index < changes.length; index++) {
		const { count, added, removed } = changes[index] ?? { count: 0, added: false, removed: false };
		if (!added && !removed) {
			lines.push(...fresh.slice(f, f + count).map((line) => whole(line, 'same')));
			o += count;
			f += count;
			continue;
		}
		const next = changes[index + 1];
		const both = removed && next?.added ? next.count : 0;
		const gone = removed ? old.slice(o, o + count) : [];
		const come = added ? fresh.slice(f, f + count) : fresh.slice(f, f + both);
		lines.push(...within(gone, come));
		o += gone.length;
		f += come.length;
		if (both > 0) index++;
	}
	return { lines, inserted: amountOf(lines, 'inserted'), deleted: amountOf(lines, 'deleted') };
}

/** The lines of text of a document, without the boxes around them. */
function linesOf(nodes: readonly ShownNode[], depth = 0): Line[] {
	return nodes.flatMap(({ name, attrs, content }) => {
		const segments = content.filter(isSegment);
		const boxes = content.filter((part): part is ShownNode => !isSegment(part));
		if (segments.length === 0 && boxes.some(({ name }) => name !== 'hardBreak'))
			return linesOf(boxes, name.endsWith('List') ? depth + 1 : depth);
		return [{ name, level: Number(attrs.level ?? 0), depth, segments, text: segments.map(({ text }) => text).join('') }];
	});
}

const textsOf = (lines: readonly Line[]): string[] => lines.map(({ text }) => text);

const partOf = ({ text, author, from, to }: Segment, change: Change): ComparedPart => ({ text, author, from, to, change });
const whole = ({ text: _, segments, ...line }: Line, change: Change): ComparedLine => ({
	...line,
	parts: segments.map((segment) => partOf(segment, change))
});

/** Compares lines that were replaced by others. */
function within(old: readonly Line[], fresh: readonly Line[]): ComparedLine[] {
	if (fresh.length === 0) return old.map((line) => whole(line, 'deleted'));
	if (old.length === 0) return fresh.map((line) => whole(line, 'inserted'));
	const [from, to] = [old, fresh].map((lines) => tokensOf(textsOf(lines).join(newLine)));
	const changes = diffArrays(from ?? [], to ?? [], { timeout: patience.words });
	if (!changes) return [...old.map((line) => whole(line, 'deleted')), ...fresh.map((line) => whole(line, 'inserted'))];
	const [oldText, freshText] = [new Reader(old), new Reader(fresh)];
	let line = emptyLike(fresh[0]);
	const lines = [line];
	let begun = 0;
	for (const { value, added, removed } of changes) {
		for (const token of value) {
			if (token === newLine) {
				if (!added) oldText.skipBreak();
				if (removed) line.parts.push({ text: '¶', author: -1, from: 0, to: 0, change: 'deleted' });
				else {
					freshText.skipBreak();
					lines.push((line = emptyLike(fresh[++begun])));
				}
				continue;
			}
			const gone = added ? [] : oldText.take(token.length);
			const come = removed ? [] : freshText.take(token.length);
			append(line.parts, removed ? gone : come, removed ? 'deleted' : added ? 'inserted' : 'same');
		}
	}
	return lines;
}

const emptyLike = (line: Line | undefined): ComparedLine => ({
	name: line?.name ?? 'paragraph',
	level: line?.level ?? 0,
	depth: line?.depth ?? 0,
	parts: []
});

function append(parts: ComparedPart[], segments: readonly Segment[], change: Change): void {
	for (const segment of segments) {
		const last = parts.at(-1);
		if (last && last.change === change && last.author === segment.author && last.to === segment.to && last.from === segment.from)
			last.text += segment.text;
		else parts.push(partOf(segment, change));
	}
}

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** Words, single signs between them, and line breaks. */
function tokensOf(text: string): string[] {
	const tokens: string[] = [];
	for (const { segment } of segmenter.segment(text)) {
		if (segment.includes(newLine)) tokens.push(...segment.split(/(\n)/).filter((part) => part !== ''));
		else tokens.push(segment);
	}
	return tokens;
}

/** Hands out the segments of lines piece by piece. */
class Reader {
	readonly #lines: readonly Line[];
	#line = 0;
	#segment = 0;
	#offset = 0;

	constructor(lines: readonly Line[]) {
		this.#lines = lines;
	}

	skipBreak(): void {
		this.#line++;
		this.#segment = this.#offset = 0;
	}

	take(length: number): Segment[] {
		const taken: Segment[] = [];
		while (length > 0) {
			const segment = this.#lines[this.#line]?.segments[this.#segment];
			if (!segment) break;
			const text = segment.text.slice(this.#offset, this.#offset + length);
			taken.push({ ...segment, text });
			length -= text.length;
			this.#offset += text.length;
			if (this.#offset >= segment.text.length) {
				this.#segment++;
				this.#offset = 0;
			}
		}
		return taken;
	}
}

function amountOf(lines: readonly ComparedLine[], change: Change): Amount {
	const texts = lines.flatMap(({ parts }) =>
		parts.filter((part) => part.change === change && part.author >= 0).map(({ text }) => text)
	);
	return {
		characters: texts.reduce((sum, text) => sum + charactersIn(text), 0),
		words: texts.reduce((sum, text) => sum + wordsIn(text), 0)
	};
}
