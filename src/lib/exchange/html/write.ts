import { escapeXml } from '#lib/maps/formats/xml.ts';
import { attachmentIn } from '#lib/writing/blocks/attachment.ts';
import { calloutKind } from '#lib/writing/blocks/callout.ts';
import { languageIn } from '#lib/writing/blocks/colour-code.ts';
import { colourIn, sideIn } from '#lib/writing/blocks/emphasis.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { mentionLabel } from '#lib/writing/blocks/mention.ts';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { addressOf, referenceIn } from '#lib/writing/blocks/reference.ts';
import { hrefIn, idIn, nameIn, numberIn } from '#lib/writing/blocks/values.ts';
import katex from 'katex';
// Equations of chemistry.
import 'katex/contrib/mhchem';
import { attrsOf, children, wordsOf } from '../json.ts';
import type { Json } from '../json.ts';

/** Pictures as `data:` addresses, by where they lie. */
export type Inlined = ReadonlyMap<string, string>;

const style = `body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.8 "Source Han Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#222}h1,h2,h3{line-height:1.4}table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.35rem .6rem;vertical-align:top}th{background:#f2f2f2;text-align:start}figure{margin:1rem 0;text-align:center}img{max-width:100%;height:auto}figcaption,aside{font-size:.85rem;color:#555}pre{background:#f5f5f5;padding:.75rem;overflow:auto}code{font-family:Consolas,monospace}blockquote{margin:1rem 0;padding-left:1rem;border-left:.25rem solid #ccc;color:#555}.callout{margin:1rem 0;padding:.5rem 1rem;border-left:.25rem solid #3b82c4;background:#eaf3fb}.callout[data-callout=attention]{border-color:#d98a1f;background:#fdf3e3}.callout[data-callout=key]{border-color:#c4473b;background:#fbeaea}ul[data-type=taskList]{list-style:none;padding-left:1rem}li[data-type=taskItem]>*{display:inline-block;vertical-align:top}li[data-type=taskItem]>div{width:calc(100% - 2rem)}li p{margin:.2rem 0}mark[data-pen=green]{background:#c9efc5}mark[data-pen=blue]{background:#c5e3f7}mark[data-pen=pink]{background:#f9cfe0}.block{text-align:center}.footnotes{margin-top:2rem;border-top:1px solid #ccc}`;

/** Writes a text as one page that needs nothing else, and in which nothing runs. */
export function toHtml(doc: Json, title: string, pictures: Inlined, origin: string): string {
	const numbers = new Map<string, number>();
	const number = (id: string): number => {
		const known = numbers.get(id) ?? numbers.size + 1;
		numbers.set(id, known);
		return known;
	};
	const out = new Writer(pictures, origin, number);
	const body = out.blocks(children(doc));
	return `<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">\n<title>${escapeXml(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n${body}\n</body>\n</html>\n`;
}

const element = (name: string, attributes: Record<string, string | number | null | undefined>, inside?: string): string =>
	`<${name}${Object.entries(attributes)
		.filter(([, value]) => value !== null && value !== undefined)
		.map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
		.join('')}>${inside === undefined ? '' : `${inside}</${name}>`}`;

class Writer {
	readonly #pictures: Inlined;
	readonly #origin: string;
	readonly #number: (id: string) => number;
	constructor(pictures: Inlined, origin: string, number: (id: string) => number) {
		this.#pictures = pictures;
		this.#origin = origin;
		this.#number = number;
	}

	blocks(nodes: readonly Json[]): string {
		return nodes.map((node) => this.#block(node)).join('\n');
	}

	#block(node: Json): string {
		const attrs = attrsOf(node);
		const line = () =>
			children(node)
				.map((child) => this.#inline(child))
				.join('');
		const inside = () => this.blocks(children(node));
		const side = sideIn(attrs.align);
		const aligned = { style: side === 'start' ? null : `text-align: ${side}` };
		switch (node.type) {
			case 'paragraph':
				return element('p', aligned, line());
			case 'heading':
				return element(`h${numberIn(attrs.level, 1, 3) ?? 1}`, aligned, line());
			case 'bulletList':
				return element('ul', {}, inside());
			case 'orderedList':
				return element('ol', { start: numberIn(attrs.start, 0, 30_000) ?? 1 }, inside());
			case 'taskList':
				return element('ul', { 'data-type': 'taskList' }, inside());
			case 'listItem':
				return element('li', {}, inside());
			case 'taskItem': {
				const checked = attrs.checked === true;
				const box = `<label><input type="checkbox" disabled${checked ? ' checked' : ''}></label>`;
				return element('li', { 'data-type': 'taskItem', 'data-checked': String(checked) }, `${box}<div>${inside()}</div>`);
			}
			case 'blockquote':
				return element('blockquote', {}, inside());
			case 'callout':
				return element('div', { class: 'callout', 'data-callout': calloutKind(attrs.kind), role: 'note' }, inside());
			case 'codeBlock': {
				const language = languageIn(attrs.language);
				return `<pre>${element('code', { class: language ? `language-${language}` : null }, escapeCode(wordsOf(node)))}</pre>`;
			}
			case 'horizontalRule':
				return '<hr>';
			case 'picture': {
				const { src, alt, name, width } = pictureIn(attrs);
				const data = src ? this.#pictures.get(src) : undefined;
				const image = data
					? element('img', {
							src: data,
							alt,
							'data-name': name || null,
							'data-width': width,
							style: width === null ? null : `width: ${width}%`
						})
					: escapeXml(`［${alt || name}］`);
				return element('figure', {}, `${image}${element('figcaption', {}, line())}`);
			}
			case 'attachment': {
				const { src, name, bytes } = attachmentIn(attrs);
				return element(
					'p',
					{},
					src
						? element('a', { 'data-file': '', 'data-bytes': bytes, href: `${this.#origin}${src}?download=1` }, escapeXml(name))
						: escapeXml(name)
				);
			}
			case 'formulaBlock':
				return element('div', { class: 'formula block', 'data-latex': latexIn(attrs.latex) }, mathml(latexIn(attrs.latex), true));
			case 'note': {
				const id = nameIn(attrs.id) ?? '';
				return element('aside', { 'data-note': id, id: `note-${id}` }, line());
			}
			case 'table':
				return element('table', {}, element('tbody', {}, inside()));
			case 'tableRow':
				return element('tr', {}, inside());
			case 'tableCell':
			case 'tableHeader': {
				const [colspan, rowspan] = [numberIn(attrs.colspan, 1, 60) ?? 1, numberIn(attrs.rowspan, 1, 1000) ?? 1];
				return element(
					node.type === 'tableCell' ? 'td' : 'th',
					{ colspan: colspan > 1 ? colspan : null, rowspan: rowspan > 1 ? rowspan : null },
					inside()
				);
			}
			default:
				return children(node).some(({ type }) => type === 'text') ? element('p', {}, line()) : inside();
		}
	}

	#inline(node: Json): string {
		const attrs = attrsOf(node);
		switch (node.type) {
			case 'hardBreak':
				return '<br>';
			case 'formula':
				return element('span', { class: 'formula', 'data-latex': latexIn(attrs.latex) }, mathml(latexIn(attrs.latex), false));
			case 'footnote': {
				const id = nameIn(attrs.id) ?? '';
				return element('sup', { 'data-note': id }, element('a', { href: `#note-${id}` }, String(this.#number(id))));
			}
			case 'mention':
				return element('span', { 'data-person': idIn(attrs.person) ?? '' }, escapeXml(`@${mentionLabel(attrs.label)}`));
			case 'reference': {
				const reference = referenceIn(attrs);
				return reference ? element('a', { href: this.#origin + addressOf(reference) }, escapeXml(reference.label)) : '';
			}
			default:
				return this.#marked(node);
		}
	}

	#marked(node: Json): string {
		let all = escapeCode(wordsOf(node));
		const marks = Array.isArray(node.marks) ? node.marks : [];
		const tags: Record<string, string> = { bold: 'strong', italic: 'em', strike: 's', underline: 'u', code: 'code' };
		for (const { type, attrs } of marks.toReversed()) {
			const tag = tags[type];
			if (tag) all = element(tag, {}, all);
			else if (type === 'highlight') all = element('mark', { 'data-pen': colourIn(attrs?.colour) }, all);
			else if (type === 'link') {
				const href = hrefIn(attrs?.href);
				if (href)
					all = element(
						'a',
						{ href: href.startsWith('/') ? this.#origin + href : href, rel: 'noopener noreferrer nofollow' },
						all
					);
			}
		}
		return all;
	}
}

const escapeCode = (text: string): string =>
	text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign);

/** A formula as browsers show it by themselves. */
function mathml(latex: string, block: boolean): string {
	try {
		return katex.renderToString(latex, {
			output: 'mathml',
			displayMode: block,
			throwOnError: true,
			strict: 'ignore',
			maxSize: 20,
			maxExpand: 300
		});
	} catch {
		return escapeXml(latex);
	}
}
