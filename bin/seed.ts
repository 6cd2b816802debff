import { and, eq, inArray } from 'drizzle-orm';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as Y from 'yjs';
import { createDocument, seedDocument } from '#lib/documents/server/index.ts';
import type { PersonId } from '#lib/ids.ts';
import { addNode } from '#lib/maps/document.ts';
import { accounts, people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { standardRooms } from '#lib/rooms/server/index.ts';
import { foundRegion, foundSchool, importRoster } from '#lib/roster/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { addMember, insertSpace } from '#lib/spaces/server/index.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import { textOf } from '#lib/writing/document.ts';
import type { Env } from '#src/env.ts';
import type { SignIn } from './servers/demonstration.ts';
import type { Log } from './servers/process.ts';
import { withServices } from './services.ts';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'demo');

interface Demonstration {
	region: { name: string; admin: { number: string; name: string } };
	schools: { name: string; roster: string }[];
	workshop: { name: string; host: string; members: string[] };
	content: { class: string; author: string; outline: string; map: string };
	/** One person for each role, whose sign-in is printed. */
	signIns: { role: string; number: string }[];
}

type Block = { heading: string; level: number } | { paragraph: string } | { list: string[] };
interface Branch {
	text: string;
	children?: Branch[];
}

const read = <Content>(file: string): Content => JSON.parse(readFileSync(join(folder, file), 'utf8'));

/**
 * Makes the demonstration school from the files of `demo/`, whole or not at all; false when there is a region
 * already. `keep` gets the sign-ins before the school is there for good, since nobody can read them later.
 */
export async function seed(env: Env, log: Log, keep: (signIns: SignIn[]) => void): Promise<boolean> {
	return withServices(env, async (services) => {
		const system = systemContext(services);
		const [region] = await query(system, ({ db }) =>
			db.select({ id: spaces.id }).from(spaces).where(eq(spaces.kind, 'region')).limit(1)
		);
		if (region) return false;
		const demonstration = read<Demonstration>('school.json');
		await transaction(system, async (ctx) => keep(await makeSchools(ctx, demonstration)));
		log.info(`${demonstration.region.name}: ${demonstration.schools.map(({ name }) => name).join('、')}`);
		return true;
	});
}

async function makeSchools(ctx: Context, demonstration: Demonstration): Promise<SignIn[]> {
	const { admin, name } = demonstration.region;
	const { region, password } = await foundRegion(ctx, { region: name, ...admin });
	const passwords = new Map([[admin.number, password]]);
	for (const { name, roster } of demonstration.schools) {
		const school = await foundSchool(ctx, { region, name });
		const file = readFileSync(join(folder, roster)).toString('base64');
		const report = await importRoster(ctx, { schoolId: school.id, file, dryRun: false });
		if (!report.imported) throw new Error(`demo/${roster}: ${JSON.stringify(report.errors)}`);
		for (const { number, password } of report.firstPasswords) passwords.set(number, password);
	}
	const idOf = await findPeople(ctx);
	await makeWorkshop(ctx, region, demonstration.workshop, idOf);
	await layTable(ctx, demonstration.content, idOf);
	return presentSignIns(ctx, demonstration.signIns, passwords, idOf);
}

type FindPerson = (number: string) => { id: PersonId; name: string };

async function findPeople(ctx: Context): Promise<FindPerson> {
	const rows = await ctx.db.select({ id: people.id, number: people.number, name: people.name }).from(people);
	const byNumber = new Map(rows.map((row) => [row.number, row]));
	return (number) => {
		const person = byNumber.get(number);
		if (!person) throw new Error(`demo/school.json: nobody has the number ${number}`);
		return person;
	};
}

async function makeWorkshop(
	ctx: Context,
	region: Parameters<typeof foundSchool>[1]['region'],
	workshop: Demonstration['workshop'],
	find: FindPerson
): Promise<void> {
	const space = await insertSpace(ctx, { parent: region, kind: 'workshop', name: workshop.name });
	await standardRooms(ctx, space);
	await addMember(ctx, { spaceId: space.id, personId: find(workshop.host).id, role: 'headTeacher' });
	for (const number of workshop.members) await addMember(ctx, { spaceId: space.id, personId: find(number).id, role: 'teacher' });
}

/** Puts the outline and the map on the table of the lesson room, in the name of the teacher. */
async function layTable(ctx: Context, content: Demonstration['content'], find: FindPerson): Promise<void> {
	const [room] = await ctx.db
		.select({ id: rooms.id })
		.from(rooms)
		.innerJoin(spaces, eq(spaces.id, rooms.spaceId))
		.where(and(eq(spaces.name, content.class), eq(rooms.kind, 'lesson')));
	if (!room) throw new Error(`demo/school.json: there is no class ${content.class}`);
	const author = find(content.author).id;
	const outline = read<{ title: string; blocks: Block[] }>(content.outline);
	const text = await createDocument(ctx, { roomId: room.id, kind: 'text', title: outline.title });
	await seedDocument(ctx, text.id, author, (doc) => textOf(doc).push(outline.blocks.map(elementOf)), 'headTeacher');
	const map = read<{ title: string; root: Branch }>(content.map);
	const drawn = await createDocument(ctx, { roomId: room.id, kind: 'map', title: map.title });
	await seedDocument(ctx, drawn.id, author, (doc) => draw(doc, null, map.root), 'headTeacher');
}

function elementOf(block: Block): Y.XmlElement {
	if ('heading' in block) {
		const heading = new Y.XmlElement<{ level: number }>('heading');
		heading.setAttribute('level', block.level);
		heading.insert(0, [new Y.XmlText(block.heading)]);
		return heading as unknown as Y.XmlElement;
	}
	if ('paragraph' in block) return paragraph(block.paragraph);
	const list = new Y.XmlElement('bulletList');
	list.insert(
		0,
		block.list.map((text) => {
			const item = new Y.XmlElement('listItem');
			item.insert(0, [paragraph(text)]);
			return item;
		})
	);
	return list;
}

function paragraph(text: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(text)]);
	return element;
}

function draw(doc: Y.Doc, parent: string | null, { text, children = [] }: Branch): void {
	const id = addNode(doc, { parent, text });
	for (const child of children) draw(doc, id, child);
}

/** Whoever tries the demonstration need not invent passwords first: the printed ones stay. */
async function presentSignIns(
	ctx: Context,
	wanted: Demonstration['signIns'],
	passwords: ReadonlyMap<string, string>,
	find: FindPerson
): Promise<SignIn[]> {
	const shown = wanted.map(({ role, number }) => ({
		role,
		name: find(number).name,
		login: number,
		password: passwords.get(number) ?? ''
	}));
	const ids = wanted.map(({ number }) => find(number).id);
	await ctx.db.update(accounts).set({ mustChangePassword: false }).where(inArray(accounts.personId, ids));
	return shown;
}
