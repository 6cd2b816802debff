import type { Zippable } from 'fflate';
import type { Sprout } from '../document.ts';
import type { Layout, MapLink, MarkerKind } from '../forest.ts';
import { safeHref } from '../links.ts';
import { branchesOf, WrongFile } from './imported.ts';
import type { Imported, ImportedMap } from './imported.ts';
import { elements, first, parseXml, wordsOf } from './xml.ts';
import type { Element } from './xml.ts';

/** Bytes that are unpacked at most: all together, and of a picture. */
const largest = { whole: 120 * 1024 * 1024, content: 40 * 1024 * 1024, picture: 20 * 1024 * 1024 };
const mostPictures = 200;

const progress = ['start', 'oct', 'quarter', '3oct', 'half', '5oct', '3quar', '7oct', 'done'];
const signs: Record<string, string> = {
	question: 'symbol-question',
	exclam: 'symbol-exclam',
	idea: 'other-lightbulb',
	right: 'symbol-right',
	wrong: 'symbol-wrong',
	heart: 'c_symbol_heart',
	good: 'smiley-smile',
	clock: 'other-clock',
	book: 'other-book',
	pen: 'c_symbol_pen'
};
const signOf = new Map([
	...Object.entries(signs).map(([sign, id]): [string, string] => [id, sign]),
	['other-question', 'question'],
	['other-exclam', 'exclam'],
	['other-yes', 'right'],
	['other-no', 'wrong'],
	['c_symbol_thumbs_up', 'good'],
	['symbol-heart', 'heart'],
	['symbol-pen', 'pen']
]);

function markersOf(ids: readonly unknown[]): Record<string, string> {
	const markers: Partial<Record<MarkerKind, string>> = {};
	for (const id of ids) {
		if (typeof id !== 'string') continue;
		const [, group = '', value = ''] = /^([a-z]+)-(.+)$/.exec(id) ?? [];
		const sign = signOf.get(id);
		if (sign) markers.sign ??= sign;
		else if (group === 'task' && progress.includes(value)) markers.progress ??= String(progress.indexOf(value));
		else if (group === 'priority' || group === 'flag' || group === 'star' || group === 'people')
			markers[group] ??= value.replace(/^dark-/, '').replace('grey', 'gray');
	}
	return markers;
}

const markerIds = (markers: Sprout['markers'] = {}): string[] =>
	Object.entries(markers).flatMap(([kind, value]) => {
		if (kind === 'progress') return [`task-${progress[Number(value)] ?? 'start'}`];
		return kind === 'sign' ? (signs[value] ?? []) : [`${kind}-${value}`];
	});

const structures: Record<Layout, string> = {
	right: 'org.xmind.ui.logic.right',
	both: 'org.xmind.ui.map.unbalanced',
	down: 'org.xmind.ui.org-chart.down',
	fishbone: 'org.xmind.ui.fishbone.leftHeaded'
};
function layoutOf(structure: unknown): Layout | null {
	if (typeof structure !== 'string') return null;
	if (structure.includes('fishbone')) return 'fishbone';
	if (structure.includes('org-chart')) return 'down';
	if (structure.includes('logic') || structure.includes('tree')) return 'right';
	return structure.includes('.map') ? 'both' : null;
}

/** A topic of either format, in the words of the newer one. */
interface Topic {
	id?: unknown;
	title?: unknown;
	children?: { attached?: unknown; detached?: unknown; summary?: unknown };
	notes?: { plain?: { content?: unknown } };
	markers?: unknown;
	href?: unknown;
	image?: { src?: unknown };
	branch?: unknown;
	summaries?: unknown;
	boundaries?: unknown;
	position?: { x?: unknown; y?: unknown };
	extensions?: unknown;
	/** Given by its parent. */
	over?: { from: string; to: string };
	frame?: { upTo: string | null; title: string };
}
interface SheetOfTopics {
	root: Topic;
	structure: unknown;
	relationships: { end1Id?: unknown; end2Id?: unknown; title?: unknown }[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = <Item>(value: unknown): Item[] => (Array.isArray(value) ? (value.filter(isRecord) as Item[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads an XMind file, of the newer (content.json) or the older kind (content.xml). */
export async function fromXmind(bytes: Uint8Array): Promise<ImportedMap> {
	const files = await unzip(bytes);
	const json = files.get('content.json');
	const xml = files.get('content.xml');
	const decode = (file: Uint8Array) => new TextDecoder().decode(file);
	let sheets: SheetOfTopics[];
	if (json) sheets = fromJson(JSON.parse(decode(json)));
	else if (xml) sheets = fromXml(parseXml(decode(xml)));
	else throw new WrongFile('unknown');

	let unnamed = 0;
	const nameAll = (topic: Topic): Topic => (typeof topic.id === 'string' ? topic : { ...topic, id: `unnamed-${unnamed++}` });
	const rows = (topic: Topic): Topic[] => {
		const attached = listOf<Topic>(topic.children?.attached).map(nameAll);
		for (const boundary of listOf<{ range?: unknown; title?: unknown }>(topic.boundaries)) {
			const range = rangeOf(boundary.range, attached.length);
			if (range) attached[range[0]] = { ...attached[range[0]]!, frame: frameOf(boundary.title, attached, range) };
		}
		const summaries = listOf<{ range?: unknown; topicId?: unknown }>(topic.summaries);
		const sums = listOf<Topic>(topic.children?.summary).map((sum) => {
			const range = rangeOf(summaries.find(({ topicId }) => topicId === sum.id)?.range, attached.length);
			return range ? { ...sum, over: { from: attached[range[0]]!.id as string, to: attached[range[1]]!.id as string } } : sum;
		});
		return [...attached, ...sums];
	};
	const tops = sheets.flatMap(({ root }) => [
		{ topic: framedItself(nameAll(root)), free: false },
		...listOf<Topic>(root.children?.detached).map((topic) => ({ topic: framedItself(nameAll(topic)), free: true }))
	]);
	let pictures = 0;
	const branches = branchesOf(
		tops,
		({ topic, free }) => {
			const branch = read(topic, free);
			const src = textOf(topic.image?.src).replace(/^xap:/, '');
			const picture = files.get(src);
			if (picture && ++pictures <= mostPictures)
				branch.picture = { bytes: picture, name: src.split('/').at(-1) ?? 'image', type: typeOf(src) };
			return branch;
		},
		({ topic }) => rows(topic).map((child) => ({ topic: framedItself(child), free: false }))
	);
	const relations = sheets.flatMap(({ relationships }) =>
		relationships.map(({ end1Id, end2Id, title }) => ({ from: textOf(end1Id), to: textOf(end2Id), text: textOf(title) }))
	);
	return { branches, relations, layout: layoutOf(sheets[0]?.structure) };
}

function frameOf(title: unknown, row: readonly Topic[], [from, to]: readonly [number, number]): Topic['frame'] {
	return { upTo: to > from ? (row[to]!.id as string) : null, title: textOf(title) };
}
/** A boundary around a topic itself is written in the topic. */
function framedItself(topic: Topic): Topic {
	const own = listOf<{ range?: unknown; title?: unknown }>(topic.boundaries).find(({ range }) => range === 'master');
	return own && !topic.frame ? { ...topic, frame: { upTo: null, title: textOf(own.title) } } : topic;
}

function rangeOf(range: unknown, length: number): [number, number] | null {
	const [, from, to] = /^\((\d{1,6}),(\d{1,6})\)$/.exec(textOf(range)) ?? [];
	if (from === undefined || to === undefined || Number(from) >= length || Number(to) < Number(from)) return null;
	return [Number(from), Math.min(Number(to), length - 1)];
}

function read(topic: Topic, free: boolean): Omit<Imported, 'children'> {
	const [x, y] = [Number(topic.position?.x), Number(topic.position?.y)];
	const formula = listOf<{ provider?: unknown; content?: unknown }>(topic.extensions).find(({ provider }) =>
		/mathjax|latex/i.test(textOf(provider))
	);
	const title = textOf(topic.title).replaceAll('\r\n', '\n');
	const tex = formula && textOf(isRecord(formula.content) ? formula.content.content : formula.content).trim();
	return {
		id: textOf(topic.id) || undefined,
		text: tex && !title.includes('$') ? `${title}${title ? '\n' : ''}$$${tex}$$` : title,
		note: textOf(topic.notes?.plain?.content),
		collapsed: topic.branch === 'folded',
		href: safeHref(topic.href) ?? undefined,
		markers: markersOf(listOf<{ markerId?: unknown }>(topic.markers).map(({ markerId }) => markerId)),
		at: free && Number.isFinite(x) && Number.isFinite(y) ? { x, y } : undefined,
		over: topic.over,
		frame: topic.frame
	};
}

function fromJson(content: unknown): SheetOfTopics[] {
	return listOf<Record<string, unknown>>(content).flatMap((sheet) => {
		if (!isRecord(sheet.rootTopic)) return [];
		const root = sheet.rootTopic as Topic & { structureClass?: unknown };
		return [{ root, structure: root.structureClass, relationships: listOf(sheet.relationships) }];
	});
}

function fromXml(content: Element): SheetOfTopics[] {
	return elements(content, 'sheet').flatMap((sheet) => {
		const top = first(sheet, 'topic');
		if (!top) return [];
		const relationships = first(sheet, 'relationships');
		return [
			{
				root: topicOf(top),
				structure: top.attributes.get('structure-class'),
				relationships: (relationships ? elements(relationships, 'relationship') : []).map((each) => ({
					end1Id: each.attributes.get('end1'),
					end2Id: each.attributes.get('end2'),
					title: wordsOf(first(each, 'title')).trim()
				}))
			}
		];
	});
}

/** Children are made when they are asked for, so that a deep file takes no deep call. */
function topicOf(element: Element): Topic {
	const groups = elements(first(element, 'children') ?? { name: '', attributes: new Map(), content: [] }, 'topics');
	const ofType = (type: string) =>
		groups.filter(({ attributes }) => attributes.get('type') === type).flatMap((group) => elements(group, 'topic').map(topicOf));
	const under = (list: string, name: string): Element[] => {
		const found = first(element, list);
		return found ? elements(found, name) : [];
	};
	const image = first(element, 'img');
	const position = first(element, 'position');
	return {
		id: element.attributes.get('id'),
		title: wordsOf(first(element, 'title')),
		get children() {
			return { attached: ofType('attached'), detached: ofType('detached'), summary: ofType('summary') };
		},
		notes: { plain: { content: wordsOf(first(first(element, 'notes'), 'plain')).trim() } },
		markers: under('marker-refs', 'marker-ref').map(({ attributes }) => ({ markerId: attributes.get('marker-id') })),
		href: element.attributes.get('href'),
		image: image && { src: image.attributes.get('src') },
		branch: element.attributes.get('branch'),
		summaries: under('summaries', 'summary').map(({ attributes }) => ({
			range: attributes.get('range'),
			topicId: attributes.get('topic-id')
		})),
		boundaries: under('boundaries', 'boundary').map((boundary) => ({
			range: boundary.attributes.get('range'),
			title: wordsOf(first(boundary, 'title')).trim()
		})),
		position: position && { x: position.attributes.get('x'), y: position.attributes.get('y') },
		extensions: under('extensions', 'extension').map((extension) => ({
			provider: extension.attributes.get('provider'),
			content: wordsOf(first(extension, 'content'))
		}))
	};
}

const typeOf = (name: string): string => {
	const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
	return ending === 'jpg' ? 'image/jpeg' : ending === 'svg' ? 'image/svg+xml' : `image/${ending}`;
};

/** Unpacks what a map needs, no more than it may weigh: a file that says less than it holds is found out. */
async function unzip(bytes: Uint8Array): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
	const { unzipSync } = await import('fflate');
	let whole = 0;
	try {
		const found = unzipSync(bytes, {
			filter: ({ name, originalSize }) => {
				const isContent = name === 'content.json' || name === 'content.xml';
				if (!isContent && !/^(resources|attachments)\/[^/]+\.(png|jpe?g|gif|webp|svg|avif)$/i.test(name)) return false;
				if (originalSize > (isContent ? largest.content : largest.picture)) {
					if (isContent) throw new WrongFile('tooLarge');
					return false;
				}
				whole += originalSize;
				if (whole > largest.whole) throw new WrongFile('tooLarge');
				return true;
			}
		});
		return new Map(Object.entries(found) as [string, Uint8Array<ArrayBuffer>][]);
	} catch (error) {
		throw error instanceof WrongFile ? error : new WrongFile('garbage');
	}
}

/** Makes an XMind file; `fetchPicture` gets the bytes of a picture by its address, null when it is not to be had. */
export async function toXmind(
	title: string,
	branches: readonly Sprout[],
	links: readonly MapLink[],
	layout: Layout,
	fetchPicture: (src: string) => Promise<Uint8Array | null>
): Promise<Uint8Array<ArrayBuffer>> {
	const files: Zippable = {};
	const resources = new Map<string, string>();
	const [root = { text: title }, ...free] = branches;
	const top = await topicFor(root, true);
	const detached = await Promise.all(free.map((branch) => topicFor(branch, true)));
	if (detached.length > 0) top.children = { ...(top.children as object), detached };
	top.structureClass = structures[layout];
	const sheetId = 'sheet-1';
	const content = [
		{
			id: sheetId,
			class: 'sheet',
			title,
			rootTopic: top,
			relationships: links.map(({ id, from, to, text }) => ({ id, class: 'relationship', end1Id: from, end2Id: to, title: text }))
		}
	];
	const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
	files['content.json'] = encode(content);
	files['metadata.json'] = encode({ creator: { name: 'Xingtan', version: '1.0' }, activeSheetId: sheetId });
	files['manifest.json'] = encode({
		'file-entries': Object.fromEntries([...Object.keys(files), 'manifest.json'].map((name) => [name, {}]))
	});
	const { zipSync } = await import('fflate');
	return zipSync(files, { level: 6 });

	async function topicFor(branch: Sprout, outermost: boolean): Promise<Record<string, unknown>> {
		const made = new Map<Sprout, Record<string, unknown>>();
		const order: { branch: Sprout; outermost: boolean }[] = [{ branch, outermost }];
		for (let at = 0; at < order.length; at++)
			order.push(...(order[at]!.branch.children ?? []).map((child) => ({ branch: child, outermost: false })));
		for (const each of order.toReversed()) made.set(each.branch, await topicWith(each.branch, each.outermost, made));
		return made.get(branch)!;
	}

	async function topicWith(branch: Sprout, outermost: boolean, made: ReadonlyMap<Sprout, Record<string, unknown>>) {
		const children = (branch.children ?? []).filter(({ over }) => !over);
		const sums = (branch.children ?? []).filter(({ over }) => over);
		const topic: Record<string, unknown> = { id: branch.id, class: 'topic', title: branch.text ?? '' };
		if (branch.note) topic.notes = { plain: { content: branch.note } };
		const markers = markerIds(branch.markers);
		if (markers.length > 0) topic.markers = markers.map((markerId) => ({ markerId }));
		if (branch.href) topic.href = branch.href;
		if (branch.collapsed) topic.branch = 'folded';
		if (outermost && branch.at) topic.position = branch.at;
		if (branch.image) {
			const src = await resourceOf(branch.image.src, branch.image.name);
			if (src) topic.image = { src, width: branch.image.width, height: branch.image.height };
		}
		if (children.length + sums.length > 0)
			topic.children = {
				...(children.length > 0 && { attached: children.map((child) => made.get(child)) }),
				...(sums.length > 0 && { summary: sums.map((child) => made.get(child)) })
			};
		const place = (id: string | null) => children.findIndex((child) => child.id === id);
		if (sums.length > 0)
			topic.summaries = sums.map((sum) => {
				const [from, to] = [place(sum.over!.from), place(sum.over!.to)];
				const [low, high] = [from < 0 ? to : from, to < 0 ? from : to];
				return { id: `summary-${sum.id}`, range: `(${Math.min(low, high)},${Math.max(low, high)})`, topicId: sum.id };
			});
		const framed = children.flatMap((child, at) =>
			child.frame
				? [{ id: `boundary-${child.id}`, range: `(${at},${Math.max(at, place(child.frame.upTo))})`, title: child.frame.title }]
				: []
		);
		if (framed.length > 0) topic.boundaries = framed;
		return topic;
	}

	async function resourceOf(src: string, name: string): Promise<string | null> {
		const known = resources.get(src);
		if (known) return known;
		const bytes = await fetchPicture(src);
		if (!bytes) return null;
		const ending = /\.(png|jpe?g|gif|webp|svg|avif)$/i.exec(name)?.[0].toLowerCase() ?? '.png';
		const path = `resources/${resources.size + 1}${ending}`;
		files[path] = [bytes, { level: 0 }];
		resources.set(src, `xap:${path}`);
		return `xap:${path}`;
	}
}
