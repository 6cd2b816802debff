import type { Sprout } from '../document.ts';
import { readMarkers } from '../forest.ts';
import { safeHref } from '../links.ts';
import { branchesOf, WrongFile } from './imported.ts';
import type { ImportedMap } from './imported.ts';
import { attributesText, elements, escapeXml, first } from './xml.ts';
import type { Element } from './xml.ts';

/** OPML 2.0: `text`, and what other outliners write beside it: `_note`, `url`. */
export function toOpml(title: string, branches: readonly Sprout[]): string {
	const parts: string[] = [];
	const open: (Sprout | string)[] = branches.toReversed();
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (typeof next === 'string') {
			parts.push(next);
			continue;
		}
		const children = next.children ?? [];
		const attributes = attributesText({
			text: next.text || ' ',
			_note: next.note,
			type: next.href ? 'link' : undefined,
			url: next.href,
			...next.markers
		});
		parts.push(`<outline${attributes}${children.length > 0 ? '>' : '/>'}\n`);
		if (children.length > 0) open.push('</outline>\n', ...children.toReversed());
	}
	return `<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head><title>${escapeXml(title)}</title></head>\n<body>\n${parts.join('')}</body>\n</opml>\n`;
}

export function fromOpml(opml: Element): ImportedMap {
	const body = first(opml, 'body');
	if (opml.name !== 'opml' || !body) throw new WrongFile('unknown');
	const branches = branchesOf(
		elements(body, 'outline'),
		({ attributes }) => ({
			text: (attributes.get('text') ?? attributes.get('title') ?? '').trim(),
			note: attributes.get('_note') ?? attributes.get('note') ?? '',
			href: safeHref(attributes.get('url') ?? attributes.get('htmlUrl')) ?? undefined,
			markers: readMarkers((kind) => attributes.get(kind))
		}),
		(outline) => elements(outline, 'outline')
	);
	return { branches, relations: [], layout: null };
}
