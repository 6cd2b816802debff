import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { mostNodes, sproutOf } from '../branches.ts';
import { addBranches, forest } from '../document.ts';
import type { Sprout } from '../document.ts';
import type { Forest, MapNode } from '../forest.ts';
import { toFreemind } from './freemind.ts';
import { readMap } from './import.ts';
import { WrongFile } from './imported.ts';
import type { ImportedMap } from './imported.ts';
import { toOpml } from './opml.ts';
import { cuttingOfText, textOfCutting, toMarkdown } from './text.ts';
import { toXmind } from './xmind.ts';
import { parseXml } from './xml.ts';

const drawNode = (node: MapNode): string => `${'  '.repeat(node.depth)}${node.text}\n${node.children.map(drawNode).join('')}`;
const drawn = ({ roots }: Forest): string => roots.map(drawNode).join('');

function grown({ branches, relations }: ImportedMap): Forest {
	const doc = new Y.Doc();
	addBranches(doc, null, branches as Sprout[], relations);
	return forest(doc);
}
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
const open = async (file: string | Uint8Array, name: string) =>
	grown(await readMap(typeof file === 'string' ? strToU8(file) : file, name));
const byText = (shown: Forest, text: string) => [...shown.nodes.values()].find((node) => node.text === text)!;

/** As XMind 2020 and later write it. */
const newXmind = (content: unknown) =>
	zipSync({
		'content.json': strToU8(JSON.stringify(content)),
		'metadata.json': strToU8('{"creator":{"name":"Vana","version":"24.01"}}'),
		'manifest.json': strToU8('{"file-entries":{"content.json":{},"metadata.json":{}}}'),
		'resources/bridge.png': png,
		'Thumbnails/thumbnail.png': png
	});
const sheet = [
	{
		id: 's1',
		class: 'sheet',
		title: '画布 1',
		rootTopic: {
			id: 'r',
			class: 'topic',
			title: '桥',
			structureClass: 'org.xmind.ui.org-chart.down',
			children: {
				attached: [
					{
						id: 'a',
						title: '形状',
						markers: [{ markerId: 'priority-1' }, { markerId: 'task-half' }, { markerId: 'flag-red' }, { markerId: 'month-may' }],
						notes: { plain: { content: '三种\n形状' }, realHTML: { content: '<p>三种</p>' } },
						branch: 'folded',
						children: { attached: [{ id: 'a1', title: '拱', href: 'https://example.org/拱' }] }
					},
					{ id: 'b', title: '材料', image: { src: 'xap:resources/bridge.png', width: 120, height: 80 } },
					{ id: 'c', title: '', extensions: [{ provider: 'org.xmind.ui.mathJax', content: 'F=ma' }] }
				],
				detached: [{ id: 'd', title: '自由', position: { x: 200, y: -150 } }],
				summary: [{ id: 'z', title: '为什么不塌' }]
			},
			summaries: [{ id: 'zz', range: '(0,1)', topicId: 'z' }],
			boundaries: [{ id: 'bb', range: '(1,2)', title: '重点' }]
		},
		relationships: [{ id: 'l', end1Id: 'a1', end2Id: 'b', title: '用' }]
	}
];

describe('XMind', () => {
	test('a file of the newer kind comes in with everything', async () => {
		const map = await readMap(newXmind(sheet), 'bridge.xmind');
		expect(map.layout).toBe('down');
		expect(map.branches[0]!.children![1]!.picture).toMatchObject({ name: 'bridge.png', type: 'image/png', bytes: png });
		const shown = grown(map);
		expect(drawn(shown)).toBe('桥\n  形状\n    拱\n  材料\n  $$F=ma$$\n自由\n');
		expect(byText(shown, '形状')).toMatchObject({
			markers: { priority: '1', progress: '4', flag: 'red' },
			note: '三种\n形状',
			collapsed: true
		});
		expect(byText(shown, '拱').href).toBe('https://example.org/拱');
		expect(byText(shown, '桥').summaries).toMatchObject([{ text: '为什么不塌', over: { first: 0, last: 1 } }]);
		expect(byText(shown, '材料').frame).toEqual({ upTo: byText(shown, '$$F=ma$$').id, title: '重点' });
		expect(byText(shown, '自由').at).toEqual({ x: 200, y: -150 });
		expect(shown.links).toMatchObject([{ from: byText(shown, '拱').id, to: byText(shown, '材料').id, text: '用' }]);
	});

	test('a file of the older kind comes in, too', async () => {
		const xml = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<xmap-content xmlns="urn:xmind:xmap:xmlns:content:2.0" xmlns:svg="http://www.w3.org/2000/svg" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:xlink="http://www.w3.org/1999/xlink" version="2.0">
<sheet id="s"><topic id="r" structure-class="org.xmind.ui.map.unbalanced"><title svg:width="500">春 &amp; 夏</title>
<children><topics type="attached">
<topic id="a" xlink:href="https://example.org" branch="folded"><title>花</title><marker-refs><marker-ref marker-id="star-blue"/></marker-refs>
<notes><plain>红的
白的</plain><html><xhtml:p>红的</xhtml:p></html></notes><children><topics type="attached"><topic id="a1"><title>蕊</title></topic></topics></children></topic>
<topic id="b"><xhtml:img svg:height="80" svg:width="120" xhtml:src="xap:attachments/x.png"/><title>草</title></topic>
</topics><topics type="detached"><topic id="d"><title>鸟</title><position svg:x="10" svg:y="20"/></topic></topics>
<topics type="summary"><topic id="z"><title>万物</title></topic></topics></children>
<summaries><summary id="zz" range="(0,1)" topic-id="z"/></summaries><boundaries><boundary id="q" range="(0,0)"><title>看</title></boundary></boundaries></topic>
<relationships><relationship id="l" end1="a" end2="b"><title>旁</title></relationship></relationships><title>画布</title></sheet></xmap-content>`;
		const file = zipSync({ 'content.xml': strToU8(xml), 'meta.xml': strToU8('<meta/>'), 'attachments/x.png': png });
		const map = await readMap(file, 'old.xmind');
		expect(map.branches[0]!.children![1]!.picture!.bytes).toEqual(png);
		const shown = grown(map);
		expect(drawn(shown)).toBe('春 & 夏\n  花\n    蕊\n  草\n鸟\n');
		expect(byText(shown, '花')).toMatchObject({
			markers: { star: 'blue' },
			note: '红的\n白的',
			href: 'https://example.org',
			collapsed: true,
			frame: { title: '看' }
		});
		expect(byText(shown, '春 & 夏').summaries).toMatchObject([{ text: '万物' }]);
		expect(shown.links).toMatchObject([{ text: '旁' }]);
	});

	test('what goes out comes in again, the same', async () => {
		const src = '/api/v1/files/01890000-0000-7000-8000-000000000001';
		const map = await readMap(newXmind(sheet), 'bridge.xmind');
		map.branches[0]!.children![1]!.image = { src, width: 120, height: 80, name: 'bridge.png' };
		const before = grown(map);
		const file = await toXmind('桥', before.roots.map(sproutOf), before.links, 'down', async (wanted) =>
			wanted === src ? png : null
		);
		expect(Object.keys(unzipSync(file)).sort()).toEqual(['content.json', 'manifest.json', 'metadata.json', 'resources/1.png']);
		const again = await readMap(file, 'again.xmind');
		expect(again.layout).toBe('down');
		expect(again.branches[0]!.children![1]!.picture!.bytes).toEqual(png);
		expect(told(grown(again))).toEqual(told({ ...before }));
	});
});

/** A map without the ids and places that differ from copy to copy, and without what only our own space keeps. */
function told(shown: Forest) {
	const name = (id: string | null | undefined) => shown.nodes.get(id ?? '')?.text ?? null;
	const tell = (node: MapNode): unknown => ({
		text: node.text,
		note: node.note,
		markers: node.markers,
		href: node.href,
		collapsed: node.collapsed,
		at: node.at,
		over: node.over,
		frame: node.frame && { upTo: name(node.frame.upTo), title: node.frame.title },
		children: node.children.map(tell),
		summaries: node.summaries.map(tell)
	});
	return { roots: shown.roots.map(tell), links: shown.links.map(({ from, to, text }) => [name(from), name(to), text]) };
}

describe('FreeMind', () => {
	const mm = `<map version="1.0.1">
<!-- To view this file, download free mind mapping software FreeMind -->
<node CREATED="1" ID="ID_1" MODIFIED="1" TEXT="春">
<node ID="ID_2" POSITION="right" FOLDED="true" TEXT="花&#xa;红" LINK="https://example.org"><icon BUILTIN="full-2"/><icon BUILTIN="idea"/>
<arrowlink DESTINATION="ID_3" ENDARROW="Default" ID="Arrow_ID_1" STARTARROW="None"/>
<richcontent TYPE="NOTE"><html><head/><body><p>第一行</p><p>第二 &lt;行&gt;</p></body></html></richcontent>
<node ID="ID_4" TEXT="蕊"/></node>
<node ID="ID_3" POSITION="left"><richcontent TYPE="NODE"><html><head/><body><p>草 <b>绿</b></p></body></html></richcontent></node>
</node></map>`;

	test('a file of FreeMind comes in', async () => {
		const shown = await open(mm, 'x.mm');
		expect(drawn(shown)).toBe('春\n  花\n红\n    蕊\n  草 绿\n');
		expect(byText(shown, '花\n红')).toMatchObject({
			markers: { priority: '2', sign: 'idea' },
			note: '第一行\n第二 <行>',
			href: 'https://example.org',
			collapsed: true
		});
		expect(shown.links).toHaveLength(1);
	});

	test('what goes out comes in again, the same, with trees that stand alone', async () => {
		const before = grown(await readMap(newXmind(sheet), 'bridge.xmind'));
		const file = toFreemind(before.roots.map(sproutOf), before.links, 'down');
		const again = await readMap(strToU8(file), 'x.mm');
		expect(again.layout).toBe('down');
		expect(told(grown(again))).toEqual(told(before));
	});
});

describe('OPML and Markdown', () => {
	test('OPML of other outliners comes in, and what goes out comes in again', async () => {
		const opml = `<?xml version="1.0"?><opml version="2.0"><head><title>春</title></head><body>
<outline text="花 &amp; 草" _note="两样&#10;东西"><outline text="蕊" type="link" url="https://example.org"/></outline><outline text="鸟"/></body></opml>`;
		const shown = await open(opml, 'x.opml');
		expect(drawn(shown)).toBe('花 & 草\n  蕊\n鸟\n');
		expect(byText(shown, '花 & 草').note).toBe('两样\n东西');
		expect(told(await open(toOpml('春', shown.roots.map(sproutOf)), 'x.opml'))).toEqual(told(shown));
	});

	test('headings and lists of Markdown come in, and what goes out comes in again', async () => {
		const shown = await open(
			'# 春\n\n开头的话\n\n## 花\n\n- 蕊\n  > 黄色的\n    - 粉\n- [网址](https://example.org)\n\n## 草\n',
			'x.md'
		);
		expect(drawn(shown)).toBe('春\n  花\n    蕊\n      粉\n    网址\n  草\n');
		expect(byText(shown, '春').note).toBe('开头的话');
		expect(byText(shown, '蕊').note).toBe('黄色的');
		expect(byText(shown, '网址').href).toBe('https://example.org');
		expect(told(await open(toMarkdown(shown.roots.map(sproutOf)), 'x.md'))).toEqual(told(shown));
	});

	test('lines from the clipboard keep their levels', () => {
		const cutting = cuttingOfText('春\n\t花\n\t\t蕊\n\t草\n夏')!;
		expect(textOfCutting(cutting)).toBe('春\n\t花\n\t\t蕊\n\t草\n夏');
		expect(textOfCutting(cuttingOfText('1. 春\n   - 花\n2. 夏')!)).toBe('春\n\t花\n夏');
		expect(cuttingOfText(' \n ')).toBeNull();
	});
});

describe('what is no map, or more than one means', () => {
	const wrong = async (file: Uint8Array | string, name: string) => {
		const error: unknown = await readMap(typeof file === 'string' ? strToU8(file) : file, name).catch((error: unknown) => error);
		expect(error).toBeInstanceOf(WrongFile);
		expect((error as WrongFile).message).toMatch(/。$|\.$/);
		return (error as WrongFile).wrong;
	};

	test('garbage is told in a sentence', async () => {
		expect(await wrong('不是导图', 'x.docx')).toBe('unknown');
		expect(await wrong(new Uint8Array([0x50, 0x4b, 3, 4, 9, 9, 9]), 'x.xmind')).toBe('garbage');
		expect(await wrong(zipSync({ 'hello.txt': strToU8('x') }), 'x.xmind')).toBe('unknown');
		expect(await wrong(zipSync({ 'content.json': strToU8('[{"rootTopic":') }), 'x.xmind')).toBe('garbage');
		expect(await wrong(zipSync({ 'content.json': strToU8('{"a":1}') }), 'x.xmind')).toBe('empty');
		expect(await wrong('<map><node TEXT="a"></map>', 'x.mm')).toBe('garbage');
		expect(await wrong('<html><body/></html>', 'x.mm')).toBe('unknown');
		expect(await wrong('', 'x.md')).toBe('empty');
	});

	test('entities that grow are not read', async () => {
		const bomb = `<!DOCTYPE map [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><map><node TEXT="&b;"/></map>`;
		expect(await wrong(bomb, 'x.mm')).toBe('garbage');
		expect(drawn(await open('<map><node TEXT="&file; &#x41;&#0;&#xd800;"/></map>', 'x.mm'))).toBe('&file; A\n');
	});

	test('a zip that is small and grows is not unpacked', async () => {
		const zeros = new Uint8Array(50 * 1024 * 1024).fill(32);
		const bomb = zipSync({ 'content.json': zeros });
		expect(bomb.length).toBeLessThan(100_000);
		expect(await wrong(bomb, 'x.xmind')).toBe('tooLarge');
		// One that lies about its size: both places that tell it say 10 bytes.
		const lying = bomb.slice();
		const view = new DataView(lying.buffer);
		for (let at = 0; at < lying.length - 4; at++) {
			if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 22, 10, true);
			if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 10, true);
		}
		expect(['garbage', 'empty']).toContain(await wrong(lying, 'x.xmind'));
	});

	test('a hundred thousand nodes are too many, in a row or one below the other', async () => {
		expect(await wrong(`<opml><body>${'<outline text="a"/>'.repeat(100_000)}</body></opml>`, 'x.opml')).toBe('tooMany');
		expect(await wrong(`<map>${'<node TEXT="a">'.repeat(100_000)}${'</node>'.repeat(100_000)}</map>`, 'x.mm')).toBe('tooMany');
		expect(await wrong('- a\n'.repeat(mostNodes + 1), 'x.md')).toBe('tooMany');
		const deep = `[{"rootTopic":${'{"title":"a","children":{"attached":['.repeat(3_000)}{"title":"a"}${']}}'.repeat(3_000)}}]`;
		expect((await open(zipSync({ 'content.json': strToU8(deep) }), 'x.xmind')).nodes.size).toBe(3_001);
	});

	test('addresses that would run something are left out', async () => {
		const shown = await open('<map><node TEXT="a" LINK="javascript:alert(1)"/></map>', 'x.mm');
		expect(byText(shown, 'a').href).toBeNull();
	});

	test('XML is read with its prefixes, comments and sections', () => {
		expect(parseXml('<?xml version="1.0"?><a:b c:d="1"><!-- x --><![CDATA[<&>]]></a:b>')).toMatchObject({
			name: 'b',
			content: ['<&>']
		});
	});
});
