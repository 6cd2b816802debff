import { branchColors } from '../forest.ts';
import type { Layout, MapLink, MarkerKind } from '../forest.ts';
import type { Sprout } from '../document.ts';
import { safeHref } from '../links.ts';
import { branchesOf, everyBranch, WrongFile } from './imported.ts';
import type { Imported, ImportedMap } from './imported.ts';
import { attributesText, elements, escapeXml, first, htmlWords, wordsOf } from './xml.ts';
import type { Element } from './xml.ts';

/** FreeMind and Freeplane know icons by these names; ours that they have no icon for keep their own. */
const icons: [string, MarkerKind, string][] = [
	...Array.from({ length: 9 }, (_, index): [string, MarkerKind, string] => [`full-${index + 1}`, 'priority', `${index + 1}`]),
	['0%', 'progress', '0'],
	['25%', 'progress', '2'],
	['50%', 'progress', '4'],
	['75%', 'progress', '6'],
	['100%', 'progress', '8'],
	['flag', 'flag', 'red'],
	['flag-orange', 'flag', 'orange'],
	['flag-yellow', 'flag', 'yellow'],
	['flag-green', 'flag', 'green'],
	['flag-blue', 'flag', 'blue'],
	['flag-pink', 'flag', 'purple'],
	['flag-black', 'flag', 'gray'],
	['bookmark', 'star', 'yellow'],
	['group', 'people', 'blue'],
	['help', 'sign', 'question'],
	['messagebox_warning', 'sign', 'exclam'],
	['idea', 'sign', 'idea'],
	['button_ok', 'sign', 'right'],
	['button_cancel', 'sign', 'wrong'],
	['licq', 'sign', 'heart'],
	['ksmiletris', 'sign', 'good'],
	['clock', 'sign', 'clock'],
	['xmag', 'sign', 'book'],
	['pencil', 'sign', 'pen']
];
const byIcon = new Map(icons.map(([icon, kind, value]) => [icon, { kind, value }]));
const byMarker = new Map(icons.map(([icon, kind, value]) => [`${kind} ${value}`, icon]));

/** FreeMind has one root: other trees hang on it, with an attribute that says that they stand alone. */
export function toFreemind(branches: readonly Sprout[], links: readonly MapLink[], layout: Layout): string {
	const [root, ...others] = branches;
	if (!root) return '<map version="1.0.1"/>\n';
	const parts: string[] = [];
	const arrows = Map.groupBy(links, ({ from }) => from);
	const free = new Set(others);
	const open: (Sprout | string)[] = [{ ...root, children: [...(root.children ?? []), ...others] }];
	const top = open[0];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (typeof next === 'string') {
			parts.push(next);
			continue;
		}
		parts.push(
			`<node${attributesText({ ID: idOf(next.id), TEXT: next.text ?? '', FOLDED: next.collapsed ? 'true' : undefined, LINK: next.href })}>\n`
		);
		for (const [kind, value] of Object.entries(next.markers ?? {}))
			parts.push(`<icon BUILTIN="${byMarker.get(`${kind} ${value}`) ?? `${kind}-${value}`}"/>\n`);
		if (next.color) parts.push(`<attribute NAME="color" VALUE="${next.color}"/>\n`);
		if (free.has(next)) parts.push(`<attribute NAME="free" VALUE="${next.at ? `${next.at.x} ${next.at.y}` : ''}"/>\n`);
		if (next.over) parts.push(`<attribute NAME="summary" VALUE="${idOf(next.over.from)} ${idOf(next.over.to)}"/>\n`);
		if (next.frame) {
			const { upTo, title } = next.frame;
			parts.push(`<attribute NAME="frame" VALUE="${escapeXml(`${upTo === null ? '' : idOf(upTo)} ${title}`)}"/>\n`);
		}
		if (next === top && layout !== 'both') parts.push(`<attribute NAME="layout" VALUE="${layout}"/>\n`);
		if (next.note) {
			const lines = next.note.split('\n').map((line) => `<p>${escapeXml(line)}</p>`);
			parts.push(`<richcontent TYPE="NOTE"><html><head/><body>${lines.join('')}</body></html></richcontent>\n`);
		}
		for (const { to, text } of arrows.get(next.id ?? '') ?? [])
			parts.push(`<arrowlink${attributesText({ DESTINATION: idOf(to), ENDARROW: 'Default', MIDDLE_LABEL: text })}/>\n`);
		open.push('</node>\n', ...(next.children ?? []).toReversed());
	}
	return `<map version="1.0.1">\n${parts.join('')}</map>\n`;
}

const idOf = (id: string | undefined): string => `ID_${id ?? ''}`;

export function fromFreemind(map: Element): ImportedMap {
	if (map.name !== 'map') throw new WrongFile('unknown');
	const relations: ImportedMap['relations'] = [];
	let layout: Layout | null = null;
	const free = new Set<string | undefined>();
	const read = (node: Element): Omit<Imported, 'children'> => {
		const id = node.attributes.get('ID');
		const rich = elements(node, 'richcontent');
		const ofType = (type: string) => rich.find(({ attributes }) => attributes.get('TYPE')?.toUpperCase() === type);
		const hook = elements(node, 'hook').find(({ attributes }) => attributes.get('NAME')?.includes('NodeNote'));
		const markers: Record<string, string> = {};
		for (const { attributes } of elements(node, 'icon')) {
			const known = byIcon.get(attributes.get('BUILTIN') ?? '');
			const [, kind, value] = /^(flag|star|people|progress|priority|sign)-(\w+)$/.exec(attributes.get('BUILTIN') ?? '') ?? [];
			if (known) markers[known.kind] ??= known.value;
			else if (kind && value) markers[kind] ??= value;
		}
		const own = new Map(
			elements(node, 'attribute').map(({ attributes }) => [attributes.get('NAME'), attributes.get('VALUE') ?? ''])
		);
		if (own.get('layout') === 'right' || own.get('layout') === 'down' || own.get('layout') === 'fishbone')
			layout = own.get('layout') as Layout;
		if (own.has('free')) free.add(id);
		for (const { attributes } of elements(node, 'arrowlink')) {
			const to = attributes.get('DESTINATION');
			if (id && to) relations.push({ from: id, to, text: attributes.get('MIDDLE_LABEL') ?? '' });
		}
		const [from, to] = own.get('summary')?.split(' ') ?? [];
		const [upTo = '', ...title] = own.get('frame')?.split(' ') ?? [];
		const place = own.get('free')?.split(' ').map(Number) ?? [];
		const color = branchColors.find((each) => each === own.get('color'));
		return {
			id,
			text: node.attributes.get('TEXT') ?? htmlWords(ofType('NODE')),
			note: htmlWords(ofType('NOTE')) || (hook ? wordsOf(first(hook, 'text')).trim() : ''),
			collapsed: node.attributes.get('FOLDED') === 'true',
			href: safeHref(node.attributes.get('LINK')) ?? undefined,
			color: color ?? null,
			markers,
			over: from && to ? { from, to } : undefined,
			frame: own.has('frame') ? { upTo: upTo || null, title: title.join(' ') } : undefined,
			at: place.length === 2 && place.every(Number.isFinite) ? { x: place[0]!, y: place[1]! } : undefined
		};
	};
	const branches = branchesOf(elements(map, 'node'), read, (node) => elements(node, 'node'));
	const others: Imported[] = [];
	for (const branch of everyBranch(branches)) {
		if (!branch.children?.some(({ id }) => free.has(id))) continue;
		others.push(...branch.children.filter(({ id }) => free.has(id)));
		branch.children = branch.children.filter(({ id }) => !free.has(id));
	}
	return { branches: [...branches, ...others], relations, layout };
}
