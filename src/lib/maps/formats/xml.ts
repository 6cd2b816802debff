/** An element of XML; names are without their prefix. */
export interface Element {
	readonly name: string;
	readonly attributes: ReadonlyMap<string, string>;
	readonly content: (Element | string)[];
}

/** What is no XML, or more of it than anybody means. */
export class NotXml extends Error {}

const mostElements = 400_000;
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: '\u00a0' };

const decode = (text: string): string =>
	text.includes('&')
		? text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, (whole, name: string) => {
				if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole;
				const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
				return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
			})
		: text;

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
const startTag = /<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Reads XML as files of maps have it. There are no entities but the five and the numbered, and no definitions of
 * any: what a document type says about them is not read, so nothing in a file grows while it is read.
 */
export function parseXml(text: string, most = mostElements): Element {
	const top: Element = { name: '', attributes: new Map(), content: [] };
	const open = [top];
	let count = 0;
	let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
	const skip = (end: string): void => {
		const to = text.indexOf(end, at);
		if (to < 0) throw new NotXml();
		at = to + end.length;
	};
	while (at < text.length) {
		const next = text.indexOf('<', at);
		const words = text.slice(at, next < 0 ? text.length : next);
		if (words !== '') open.at(-1)!.content.push(decode(words));
		if (next < 0) break;
		at = next;
		if (text.startsWith('<!--', at)) skip('-->');
		else if (text.startsWith('<![CDATA[', at)) {
			const from = at + 9;
			skip(']]>');
			open.at(-1)!.content.push(text.slice(from, at - 3));
		} else if (text.startsWith('<?', at)) skip('?>');
		else if (text.startsWith('<!', at)) {
			const from = at;
			skip('>');
			if (text.slice(from, at).includes('[')) throw new NotXml();
		} else if (text.startsWith('</', at)) {
			const from = at + 2;
			skip('>');
			const closed = open.pop();
			if (!closed || open.length === 0 || closed.name !== localName(text.slice(from, at - 1).trim())) throw new NotXml();
		} else {
			startTag.lastIndex = at;
			const match = startTag.exec(text);
			if (!match || ++count > most) throw new NotXml();
			at = startTag.lastIndex;
			const attributes = new Map<string, string>();
			for (const [, name = '', double, single] of (match[2] ?? '').matchAll(attribute))
				attributes.set(localName(name), decode(double ?? single ?? ''));
			const element: Element = { name: localName(match[1]!), attributes, content: [] };
			open.at(-1)!.content.push(element);
			if (match[3] === '') open.push(element);
		}
	}
	const root = top.content.find((part) => typeof part !== 'string');
	if (open.length !== 1 || !root) throw new NotXml();
	return root;
}

export const elements = ({ content }: Element, name?: string): Element[] =>
	content.filter((part): part is Element => typeof part !== 'string' && (name === undefined || part.name === name));
export const first = (element: Element | undefined, name: string): Element | undefined => element && elements(element, name)[0];

const blocks = new Set(['p', 'div', 'li', 'br', 'h1', 'h2', 'h3', 'tr']);
/** The words in an element; blocks of HTML stand in lines of their own. */
export function wordsOf(element: Element | undefined): string {
	let words = '';
	const open: (Element | string)[] = element ? element.content.toReversed() : [];
	for (let part = open.pop(); part !== undefined; part = open.pop()) {
		if (typeof part === 'string') words += part;
		else if (blocks.has(part.name)) open.push('\n', ...part.content.toReversed());
		else if (part.name !== 'head' && part.name !== 'style') open.push(...part.content.toReversed());
	}
	return words;
}
/** The same for HTML, where breaks between tags mean nothing. */
export const htmlWords = (element: Element | undefined): string =>
	wordsOf(element)
		.split('\n')
		.map((line) => line.replace(/\s+/g, ' ').trim())
		.filter((line, index, lines) => line !== '' || (index > 0 && lines[index - 1] !== ''))
		.join('\n')
		.trim();

const escapes: Record<string, string> = {
	'<': '&lt;',
	'>': '&gt;',
	'&': '&amp;',
	'"': '&quot;',
	'\n': '&#10;',
	'\t': '&#9;',
	'\r': '&#13;'
};
// Characters that XML cannot hold are left out.
export const escapeXml = (text: string): string =>
	text
		// oxlint-disable-next-line no-control-regex
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
		.replace(/[<>&"\n\t\r]/g, (sign) => escapes[sign] ?? sign);
export const attributesText = (attributes: Readonly<Record<string, string | number | undefined>>): string =>
	Object.entries(attributes)
		.filter(([, value]) => value !== undefined && value !== '')
		.map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
		.join('');
