import { Marked } from 'marked';
import type { Token, Tokens } from 'marked';
import { fileIdOf, fileUrl } from '#lib/files/model.ts';
import { languageIn } from '#lib/writing/blocks/colour-code.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { referenceOf } from '#lib/writing/blocks/reference.ts';
import { hrefIn, textIn } from '#lib/writing/blocks/values.ts';
import type { ReadOptions } from '../docx/read.ts';
import { mostBlocks, WrongFile } from '../formats.ts';
import { joined, make } from '../json.ts';
import type { Json, JsonMark, Picture, Read } from '../json.ts';

const callouts: Record<string, string> = {
	NOTE: 'tip',
	TIP: 'tip',
	INFO: 'tip',
	WARNING: 'attention',
	CAUTION: 'attention',
	IMPORTANT: 'key'
};
const deepest = 30;
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0' };
const plain = (text: string): string =>
	text.replace(
		/&(amp|lt|gt|quot|nbsp|#39|#\d{1,7});/g,
		(whole, name: string) =>
			named[name] ??
			(name.startsWith('#') && Number(name.slice(1)) <= 0x10ffff ? String.fromCodePoint(Number(name.slice(1))) : whole)
	);

const unescaped = (text: string): string => text.replace(/\\([\\`*_[\]<>$~|&])/g, '$1');

/** Up to the next empty line: whoever looks on through the whole text at every paragraph is never done. */
function paragraphOf(text: string): string {
	const end = text.indexOf('\n\n');
	return end < 0 ? text : text.slice(0, end);
}

const lexer = () => {
	const own = new Marked({ gfm: true });
	own.use({
		extensions: [
			{
				name: 'formulaBlock',
				level: 'block',
				start: (text) => /\n\$\$/.exec(paragraphOf(text))?.index,
				tokenizer(text) {
					const match = /^\$\$[ \t]*\n?([^]+?)\n?\$\$[ \t]*(?:\n+|$)/.exec(text);
					return match ? { type: 'formulaBlock', raw: match[0], text: match[1]?.trim() } : undefined;
				}
			},
			{
				name: 'note',
				level: 'block',
				start: (text) => /\n\[\^/.exec(paragraphOf(text))?.index,
				tokenizer(text) {
					const match = /^\[\^([^\]\s]{1,80})\]:[ \t]*([^\n]*(?:\n(?: {2,}|\t)[^\n]+)*)(?:\n+|$)/.exec(text);
					if (!match) return undefined;
					const tokens = this.lexer.inlineTokens((match[2] ?? '').replace(/\n\s+/g, ' '));
					return { type: 'note', raw: match[0], name: match[1], tokens };
				}
			},
			{
				name: 'formula',
				level: 'inline',
				start: (text) => text.indexOf('$'),
				tokenizer(text) {
					const match = /^\$\$?(?!\s)((?:\\.|[^$\\\n]){1,2000}?)(?<!\s)\$\$?(?!\d)/.exec(text);
					return match ? { type: 'formula', raw: match[0], text: match[1] } : undefined;
				}
			},
			{
				name: 'footnote',
				level: 'inline',
				start: (text) => text.indexOf('[^'),
				tokenizer(text) {
					const match = /^\[\^([^\]\s]{1,80})\]/.exec(text);
					return match ? { type: 'footnote', raw: match[0], name: match[1] } : undefined;
				}
			}
		]
	});
	return own;
};

/** Reads Markdown; throws a `WrongFile`. */
export function readMarkdown(text: string, options: ReadOptions): Read {
	if (text.trim() === '') throw new WrongFile('empty');
	const reader = new Reader(options);
	let content: Json[];
	try {
		content = reader.blocks(lexer().lexer(shallow(text.replace(/^---\n[^]*?\n---\n/, ''))), 0);
	} catch (error) {
		// Deeper than any text is.
		throw error instanceof RangeError ? new WrongFile('tooLong') : error;
	}
	return { doc: make('doc', {}, [...content, ...reader.notes]), pictures: reader.pictures, title: null };
}

/** What is nested deeper than anybody means lies at the deepest level: the library reads every level anew. */
const shallow = (text: string): string =>
	text.replace(/^[ \t]{90,}(?=[-*+>]|\d{1,9}[.)])/gm, ' '.repeat(90)).replace(/^(?:[ \t]*>){30,}/gm, '> '.repeat(30));

class Reader {
	readonly notes: Json[] = [];
	readonly pictures: Picture[] = [];
	readonly #options: ReadOptions;
	readonly #names = new Map<string, string>();
	#count = 0;
	constructor(options: ReadOptions) {
		this.#options = options;
	}

	blocks(tokens: readonly Token[], depth: number): Json[] {
		return depth > deepest ? [] : tokens.flatMap((token) => this.#block(token, depth));
	}

	#block(token: Token, depth: number): Json[] {
		if (++this.#count > mostBlocks) throw new WrongFile('tooLong');
		const inline = () => this.#inline(token as Tokens.Paragraph);
		switch (token.type) {
			case 'heading':
				return parted(inline(), (content) => make('heading', { level: Math.min((token as Tokens.Heading).depth, 3) }, content));
			case 'paragraph':
			case 'text':
				return parted(inline(), (content) => make('paragraph', {}, content));
			case 'code': {
				const { text, lang } = token as Tokens.Code;
				const language = languageIn(lang?.split(/\s/)[0]);
				if (lang === 'math') return [make('formulaBlock', { latex: latexIn(text.trim()) })];
				return [make('codeBlock', { language }, text ? [{ type: 'text', text }] : [])];
			}
			case 'hr':
				return [make('horizontalRule')];
			case 'blockquote': {
				const { tokens, text } = token as Tokens.Blockquote;
				const kind = callouts[/^\[!([A-Z]+)\]/.exec(text)?.[1] ?? ''];
				if (kind)
					return [
						make('callout', { kind }, some(this.blocks(lexer().lexer(text.replace(/^\[![A-Z]+\][ \t]*\n?/, '')), depth + 1)))
					];
				return [make('blockquote', {}, some(this.blocks(tokens, depth + 1)))];
			}
			case 'list':
				return this.#list(token as Tokens.List, depth);
			case 'table':
				return [this.#table(token as Tokens.Table)];
			case 'formulaBlock':
				return [make('formulaBlock', { latex: latexIn(token.raw.replace(/^\$\$\s*|\s*\$\$\s*$/g, '')) })];
			case 'note': {
				const id = this.#name(String((token as unknown as { name: string }).name));
				this.notes.push(
					make(
						'note',
						{ id },
						this.#inline(token as Tokens.Paragraph).filter(({ type }) => type !== 'picture' && type !== 'footnote')
					)
				);
				return [];
			}
			case 'html': {
				// Tags are not read; words between them are.
				const text = plain(
					(token as Tokens.HTML).text
						.replace(/<!--[^]*?-->/g, '')
						.replace(/<(script|style)[^]*?<\/\1>/gi, '')
						.replace(/<[^>]*>/g, '')
				).trim();
				return text ? [make('paragraph', {}, [{ type: 'text', text }])] : [];
			}
			default:
				return [];
		}
	}

	#list({ items, ordered, start }: Tokens.List, depth: number): Json[] {
		const isTasks = !ordered && items.every(({ task }) => task);
		const made = items.map((item) => {
			const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
			const content = this.blocks(tokens, depth + 1);
			if (content[0]?.type !== 'paragraph') content.unshift(make('paragraph'));
			return isTasks ? make('taskItem', { checked: item.checked === true }, content) : make('listItem', {}, content);
		});
		return [
			make(isTasks ? 'taskList' : ordered ? 'orderedList' : 'bulletList', ordered ? { start: Number(start) || 1 } : {}, made)
		];
	}

	#table({ header, rows }: Tokens.Table): Json {
		const row = (cells: readonly Tokens.TableCell[], type: string) => {
			if (++this.#count > mostBlocks) throw new WrongFile('tooLong');
			return make(
				'tableRow',
				{},
				cells.map((cell) => make(type, {}, some(parted(this.#inline(cell), (content) => make('paragraph', {}, content)))))
			);
		};
		// A table without a header has an empty one.
		const isHeaded = header.some(({ text }) => text.trim() !== '');
		const lines = [
			...(isHeaded || rows.length === 0 ? [row(header, 'tableHeader')] : []),
			...rows.map((cells) => row(cells, 'tableCell'))
		];
		return make('table', {}, lines);
	}

	#name(written: string): string {
		const known = this.#names.get(written) ?? this.#options.newName();
		this.#names.set(written, known);
		return known;
	}

	#inline({ tokens = [] }: { tokens?: Token[] | undefined }): Json[] {
		const tags: JsonMark[] = [];
		const read = (tokens: readonly Token[], marks: JsonMark[], depth: number): Json[] => {
			if (depth > deepest) return [];
			const say = (text: string, more: JsonMark[] = []): Json[] => {
				const all = [...marks, ...tags, ...more];
				return text === '' ? [] : [{ type: 'text', text, ...(all.length > 0 ? { marks: all } : {}) }];
			};
			return tokens.flatMap((token): Json[] => {
				const within = (mark: JsonMark) =>
					read(
						(token as Tokens.Strong).tokens,
						marks.some(({ type }) => type === mark.type) ? marks : [...marks, mark],
						depth + 1
					);
				switch (token.type) {
					case 'strong':
						return within({ type: 'bold' });
					case 'em':
						return within({ type: 'italic' });
					case 'del':
						return within({ type: 'strike' });
					case 'codespan':
						return [{ type: 'text', text: plain((token as Tokens.Codespan).text), marks: [{ type: 'code' }] }];
					case 'br':
						return [make('hardBreak')];
					case 'formula':
						return [make('formula', { latex: latexIn(String((token as unknown as { text: string }).text)) })];
					case 'footnote':
						return [make('footnote', { id: this.#name(String((token as unknown as { name: string }).name)) })];
					case 'link': {
						const { href } = token as Tokens.Link;
						const local = href.startsWith(`${this.#options.origin}/`) ? href.slice(this.#options.origin.length) : href;
						const file = fileIdOf(local);
						if (file)
							return [make('attachment', { src: fileUrl(file), name: textIn(unescaped((token as Tokens.Link).text)) || null })];
						const found = local === href ? null : referenceOf(href, this.#options.origin);
						if (found) return [make('reference', { ...found, label: textIn(unescaped((token as Tokens.Link).text), 80) })];
						const safe = hrefIn(local);
						return safe ? within({ type: 'link', attrs: { href: safe } }) : read((token as Tokens.Link).tokens, marks, depth + 1);
					}
					case 'image': {
						const { href, text } = token as Tokens.Image;
						const local = href.startsWith(`${this.#options.origin}/`) ? href.slice(this.#options.origin.length) : href;
						const file = fileIdOf(local);
						if (file) return [make('picture', { src: fileUrl(file), alt: textIn(unescaped(text), 500) })];
						const safe = hrefIn(href);
						// What lies elsewhere is not fetched: who reads would be told of.
						return safe
							? [{ type: 'text', text: textIn(unescaped(text)) || safe, marks: [{ type: 'link', attrs: { href: safe } }] }]
							: say(textIn(unescaped(text)));
					}
					case 'html': {
						const [, end, name] = /^<(\/?)(u|mark|br)\b[^>]*>$/i.exec(token.raw.trim()) ?? [];
						if (name === 'br') return [make('hardBreak')];
						const type = name?.toLowerCase() === 'u' ? 'underline' : 'highlight';
						if (name && !end) tags.push(type === 'highlight' ? { type, attrs: { colour: 'yellow' } } : { type });
						else if (name) {
							const at = tags.findLastIndex((tag) => tag.type === type);
							if (at >= 0) tags.splice(at, 1);
						}
						return [];
					}
					case 'text':
						if ((token as Tokens.Text).tokens) return read((token as Tokens.Text).tokens ?? [], marks, depth + 1);
						return say(plain((token as Tokens.Text).text).replace(/\n/g, ' '));
					default:
						return 'text' in token ? say(plain(String(token.text)).replace(/\n/g, ' ')) : [];
				}
			});
		};
		return joined(read(tokens, [], 0));
	}
}

const some = (blocks: Json[]): Json[] => (blocks.length > 0 ? blocks : [make('paragraph')]);

/** Pictures and files stand for themselves between paragraphs. */
function parted(inline: Json[], line: (content: Json[]) => Json): Json[] {
	if (!inline.some(({ type }) => type === 'picture' || type === 'attachment')) return [line(inline)];
	const blocks: Json[] = [];
	let open: Json[] = [];
	const end = () => {
		// A line ends beside a picture anyway.
		while (open[0]?.type === 'hardBreak') open.shift();
		while (open.at(-1)?.type === 'hardBreak') open.pop();
		if (open.some((piece) => piece.type !== 'text' || piece.text?.trim())) blocks.push(line(open));
		open = [];
	};
	for (const piece of inline)
		if (piece.type === 'picture' || piece.type === 'attachment') {
			end();
			blocks.push(piece);
		} else open.push(piece);
	end();
	return blocks;
}
