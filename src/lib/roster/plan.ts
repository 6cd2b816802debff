import type { PersonId, SpaceId } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';
import { numberKey } from './model.ts';
import type { RosterError, RosterRow } from './model.ts';

/** A person whom the space knows already. */
export interface KnownPerson {
	id: PersonId;
	number: string;
	name: string;
	email: string | null;
	left: boolean;
	/** Enrolled in the school of this roster. */
	ours: boolean;
}

/** What the school is before the import. Memberships are the open ones of the school and its classes. */
export interface SchoolState {
	school: { id: SpaceId };
	classes: { id: SpaceId; name: string }[];
	people: KnownPerson[];
	memberships: { personId: PersonId; spaceId: SpaceId; role: Role }[];
	guardianships: { guardianId: PersonId; childId: PersonId }[];
	/** Whose e-mail is whose, everywhere. */
	emails: { email: string; personId: PersonId }[];
}

/** A person by number, a space by name: what is new has no id yet. `''` is the school itself. */
export interface PlannedMembership {
	number: string;
	space: string;
	role: Role;
}

export interface Plan {
	newClasses: string[];
	newPeople: RosterRow[];
	renamed: { number: string; name: string }[];
	newEmails: { number: string; email: string }[];
	returned: string[];
	leavers: string[];
	/** How many change from one class to another. */
	transferred: string[];
	join: PlannedMembership[];
	end: PlannedMembership[];
	newTies: { guardian: string; child: string }[];
	endedTies: { guardian: string; child: string }[];
	/** People in the roster about whom nothing changes. */
	unchanged: number;
}

const school = '';

/**
 * What a roster changes in a school, or why it cannot be imported. The roster is the truth about whom it
 * names; whoever it does not name stays as he is, and administrators stay until somebody ends that by hand.
 */
export function planImport(state: SchoolState, rows: readonly RosterRow[]): { plan: Plan; errors: RosterError[] } {
	const errors: RosterError[] = [];
	const known = new Map(state.people.map((person) => [numberKey(person.number), person]));
	const byId = new Map(state.people.map((person) => [person.id, numberKey(person.number)]));
	const classNames = new Map(state.classes.map(({ id, name }) => [id, name]));
	const inFile = new Map(rows.map((row) => [numberKey(row.number), row]));

	const plan: Plan = {
		newClasses: [...new Set(rows.flatMap((row) => (row.leaves ? [] : row.classes)))].filter(
			(name) => !state.classes.some((known) => known.name === name)
		),
		newPeople: [],
		renamed: [],
		newEmails: [],
		returned: [],
		leavers: [],
		transferred: [],
		join: [],
		end: [],
		newTies: [],
		endedTies: [],
		unchanged: 0
	};

	const held = new Map<string, PlannedMembership[]>();
	for (const { personId, spaceId, role } of state.memberships) {
		const number = byId.get(personId);
		if (number === undefined) continue;
		const space = spaceId === state.school.id ? school : (classNames.get(spaceId) ?? spaceId);
		held.set(number, [...(held.get(number) ?? []), { number, space, role }]);
	}

	const ownerOf = new Map(state.emails.map(({ email, personId }) => [email, personId]));
	const touched = new Set<string>();
	for (const row of rows) {
		const number = numberKey(row.number);
		const person = known.get(number);
		const wrong = (column: RosterError['column'], key: string, detail: RosterError['detail'] = {}) =>
			void errors.push({ line: row.line, column, key, detail });
		if (person && !person.ours && (row.leaves || row.roles.some((role) => role !== 'guardian') || person.name !== row.name)) {
			wrong('number', 'roster.numberElsewhere');
			continue;
		}
		if (row.email && ownerOf.has(row.email) && ownerOf.get(row.email) !== person?.id) wrong('email', 'roster.emailTaken');
		if (row.leaves) {
			if (!person) wrong('number', 'roster.leaverUnknown');
			else if (!person.left) {
				plan.leavers.push(number);
				touched.add(number);
			}
			continue;
		}
		if (!person) {
			plan.newPeople.push(row);
			continue;
		}
		if (person.ours && person.left) plan.returned.push(number);
		if (person.ours && person.name !== row.name) plan.renamed.push({ number, name: row.name });
		if (person.ours && row.email && person.email !== row.email) plan.newEmails.push({ number, email: row.email });
		if (person.left || person.name !== row.name || (row.email && person.email !== row.email)) touched.add(number);
	}

	// What everybody named is to be; of students also for the guardians, who follow them.
	const wanted = new Map<string, PlannedMembership[]>();
	for (const row of rows) wanted.set(numberKey(row.number), row.leaves ? [] : ownMemberships(row));
	const classesOf = (child: string): string[] => {
		const memberships = wanted.get(child) ?? held.get(child) ?? [];
		return memberships.filter(({ role }) => role === 'student').map(({ space }) => space);
	};

	const ties = new Map<string, string[]>();
	for (const { guardianId, childId } of state.guardianships) {
		const [guardian, child] = [byId.get(guardianId), byId.get(childId)];
		if (guardian !== undefined && child !== undefined) ties.set(guardian, [...(ties.get(guardian) ?? []), child]);
	}
	const wantedTies = new Map(ties);
	for (const row of rows) {
		if (!row.roles.includes('guardian') || row.leaves) continue;
		const children = row.children.map(numberKey);
		for (const [index, child] of children.entries()) {
			const there = inFile.get(child)?.roles.includes('student') ?? held.get(child)?.some(({ role }) => role === 'student');
			if (!there)
				errors.push({
					line: row.line,
					column: 'children',
					key: 'roster.childUnknown',
					detail: { value: row.children[index] ?? '' }
				});
		}
		wantedTies.set(numberKey(row.number), children);
	}
	for (const [guardian, children] of wantedTies) {
		const before = ties.get(guardian) ?? [];
		for (const child of children) if (!before.includes(child)) plan.newTies.push({ guardian, child });
		for (const child of before) if (!children.includes(child)) plan.endedTies.push({ guardian, child });
	}

	for (const number of new Set([...inFile.keys(), ...wantedTies.keys()])) {
		const row = inFile.get(number);
		const before = held.get(number) ?? [];
		const children = row?.leaves ? [] : (wantedTies.get(number) ?? []);
		const guards = unique(children.flatMap(classesOf)).map((space): PlannedMembership => ({ number, space, role: 'guardian' }));
		const after = [...(wanted.get(number) ?? []), ...guards];
		const ruled = ruledRoles(row);
		const join = after.filter((one) => !before.some((other) => same(one, other)));
		const end = before.filter((one) => ruled.includes(one.role) && !after.some((other) => same(one, other)));
		plan.join.push(...join);
		plan.end.push(...end);
		if (join.length + end.length > 0) touched.add(number);
		if (known.has(number) && !row?.leaves && join.some(isStudent) && end.some(isStudent)) plan.transferred.push(number);
	}
	for (const { guardian } of [...plan.newTies, ...plan.endedTies]) touched.add(guardian);
	const fresh = new Set(plan.newPeople.map((row) => numberKey(row.number)));
	plan.unchanged = [...inFile.keys()].filter((number) => !touched.has(number) && !fresh.has(number)).length;
	return { plan, errors };
}

const same = (one: PlannedMembership, other: PlannedMembership) => one.space === other.space && one.role === other.role;
const isStudent = ({ role }: PlannedMembership) => role === 'student';
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** Memberships that a row gives by itself. The first class of a head teacher is the one that he leads. */
function ownMemberships(row: RosterRow): PlannedMembership[] {
	const number = numberKey(row.number);
	const is = (role: RosterRow['roles'][number]) => row.roles.includes(role);
	const teaches = is('teacher') || is('headTeacher');
	return [
		...(is('schoolAdmin') ? [{ number, space: school, role: 'schoolAdmin' as const }] : []),
		...(teaches ? [{ number, space: school, role: 'teacher' as const }] : []),
		...row.classes.flatMap((space, index): PlannedMembership[] => [
			...(is('student') ? [{ number, space, role: 'student' as const }] : []),
			...(teaches
				? [{ number, space, role: is('headTeacher') && index === 0 ? ('headTeacher' as const) : ('teacher' as const) }]
				: [])
		])
	];
}

/** Roles whose memberships the roster ends when it no longer gives them. */
function ruledRoles(row: RosterRow | undefined): Role[] {
	if (row?.leaves) return ['student', 'teacher', 'headTeacher', 'guardian', 'schoolAdmin'];
	const teaches = row?.roles.includes('teacher') || row?.roles.includes('headTeacher');
	return [
		'guardian',
		...(row?.roles.includes('student') ? ['student' as const] : []),
		...(teaches ? ['teacher' as const, 'headTeacher' as const] : [])
	];
}
