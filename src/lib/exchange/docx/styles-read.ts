import { elements, first } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';

/** What a style is, whatever program wrote it: WPS and Word in Chinese number their styles, so names count, not ids. */
export interface Style {
	name: string;
	/** From 0; null for text. */
	outline: number | null;
	numbering: { number: string; level: number } | null;
	bold: boolean;
	italic: boolean;
}
export interface Level {
	format: string;
	start: number;
	text: string;
}
export interface Numbering {
	/** The lists that count together. */
	family: string;
	levels: Map<number, Level>;
}

export const valueOf = (element: Element | undefined, name: string): string | undefined =>
	first(element, name)?.attributes.get('val');
/** A switch: there without a value it is on. */
export function isOn(element: Element | undefined, name: string): boolean | null {
	const found = first(element, name);
	return found ? !['0', 'false', 'off', 'none'].includes(found.attributes.get('val') ?? '1') : null;
}
export const numberingOf = (properties: Element | undefined): Style['numbering'] => {
	const found = first(properties, 'numPr');
	const number = valueOf(found, 'numId');
	return number === undefined ? null : { number, level: Math.min(Math.max(Number(valueOf(found, 'ilvl') ?? 0) || 0, 0), 8) };
};

export function readStyles(root: Element | null): Map<string, Style> {
	const written = new Map((root ? elements(root, 'style') : []).map((style) => [style.attributes.get('styleId') ?? '', style]));
	const styles = new Map<string, Style>();
	const read = (id: string, depth: number): Style | undefined => {
		const known = styles.get(id);
		const style = written.get(id);
		if (known || !style || depth > 12) return known;
		const parent = valueOf(style, 'basedOn');
		const base = parent === undefined ? undefined : read(parent, depth + 1);
		const name = (valueOf(style, 'name') ?? id).toLowerCase();
		const paragraph = first(style, 'pPr');
		const form = first(style, 'rPr');
		const level = valueOf(paragraph, 'outlineLvl') ?? /^(?:heading|标题) ?([1-9])$/.exec(name)?.[1];
		const outline = level === undefined ? null : Number(level) - (valueOf(paragraph, 'outlineLvl') === undefined ? 1 : 0);
		const made: Style = {
			name,
			outline: outline === null ? (base?.outline ?? null) : outline > 8 ? null : outline,
			numbering: numberingOf(paragraph) ?? base?.numbering ?? null,
			bold: isOn(form, 'b') ?? base?.bold ?? false,
			italic: isOn(form, 'i') ?? base?.italic ?? false
		};
		// What looks like code or a quotation keeps the name of what it is based on.
		if (base && !isNamed(name) && isNamed(base.name)) made.name = base.name;
		styles.set(id, made);
		return made;
	};
	for (const id of written.keys()) read(id, 0);
	return styles;
}

const isNamed = (name: string): boolean => codeName.test(name) || quoteName.test(name);
export const codeName = /^(?:code|source code|代码|html preformatted|html 预设格式|preformatted text)(?: ([a-z]+))?$/;
export const quoteName = /^(?:quote|intense quote|引用|明显引用|quotations|block text)$/;

export function readNumbering(root: Element | null): Map<string, Numbering> {
	const families = new Map(
		(root ? elements(root, 'abstractNum') : []).map((family) => [family.attributes.get('abstractNumId') ?? '', levelsOf(family)])
	);
	return new Map(
		(root ? elements(root, 'num') : []).map((number) => {
			const id = number.attributes.get('numId') ?? '';
			const family = valueOf(number, 'abstractNumId') ?? '';
			const levels = new Map(families.get(family));
			let own = false;
			for (const override of elements(number, 'lvlOverride')) {
				const at = Number(override.attributes.get('ilvl') ?? 0);
				const start = valueOf(override, 'startOverride');
				const level = [...levelsOf(override).values()][0] ?? levels.get(at);
				if (level) levels.set(at, { ...level, start: start === undefined ? level.start : Number(start) });
				own = true;
			}
			return [id, { family: own ? `num ${id}` : family, levels }];
		})
	);
}

const levelsOf = (element: Element): Map<number, Level> =>
	new Map(
		elements(element, 'lvl').map((level) => [
			Number(level.attributes.get('ilvl') ?? 0),
			{
				format: valueOf(level, 'numFmt') ?? 'decimal',
				start: Number(valueOf(level, 'start') ?? 1) || 0,
				text: valueOf(level, 'lvlText') ?? ''
			}
		])
	);

const digits = '零一二三四五六七八九';
const chinese = (value: number): string => {
	if (value < 0 || value > 999) return String(value);
	if (value < 10) return digits[value] ?? '';
	if (value < 20) return `十${value % 10 ? digits[value % 10] : ''}`;
	if (value < 100) return `${digits[Math.floor(value / 10)]}十${value % 10 ? digits[value % 10] : ''}`;
	const rest = value % 100;
	return `${digits[Math.floor(value / 100)]}百${rest === 0 ? '' : rest < 10 ? `零${digits[rest]}` : rest < 20 ? `一${chinese(rest)}` : chinese(rest)}`;
};
const roman = (value: number): string => {
	const signs: [number, string][] = [
		[1000, 'M'],
		[900, 'CM'],
		[500, 'D'],
		[400, 'CD'],
		[100, 'C'],
		[90, 'XC'],
		[50, 'L'],
		[40, 'XL'],
		[10, 'X'],
		[9, 'IX'],
		[5, 'V'],
		[4, 'IV'],
		[1, 'I']
	];
	let left = Math.min(value, 4_000);
	let all = '';
	for (const [worth, sign] of signs)
		while (left >= worth) {
			all += sign;
			left -= worth;
		}
	return all;
};
function counted(value: number, format: string): string {
	if (/chinese|ideographDigital|japaneseCounting|taiwaneseCounting/i.test(format)) return chinese(value);
	if (/roman/i.test(format)) return format.startsWith('lower') ? roman(value).toLowerCase() : roman(value);
	if (/letter/i.test(format)) {
		const letter = String.fromCharCode(65 + ((value - 1 + 26) % 26));
		return format.startsWith('lower') ? letter.toLowerCase() : letter;
	}
	if (/decimalEnclosedCircle/i.test(format) && value >= 1 && value <= 20) return String.fromCharCode(0x2460 + value - 1);
	return String(value);
}

/** Counts as Word does: a level counts on until one above it does. */
export class Counter {
	readonly #families = new Map<string, number[]>();

	next({ family, levels }: Numbering, level: number): number {
		const counts = this.#families.get(family) ?? [];
		this.#families.set(family, counts);
		for (let above = 0; above < level; above++) counts[above] ??= levels.get(above)?.start ?? 1;
		const value = counts[level] === undefined ? (levels.get(level)?.start ?? 1) : counts[level] + 1;
		counts[level] = value;
		counts.length = level + 1;
		return value;
	}

	/** What stands before a numbered heading, such as 一、 or 1.2. */
	label(numbering: Numbering, level: number): string {
		const { family, levels } = numbering;
		this.next(numbering, level);
		const counts = this.#families.get(family) ?? [];
		return (levels.get(level)?.text ?? '').replace(/%([1-9])/g, (_, place: string) => {
			const at = Number(place) - 1;
			return counts[at] === undefined ? '' : counted(counts[at], levels.get(at)?.format ?? 'decimal');
		});
	}
}
