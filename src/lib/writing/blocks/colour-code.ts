/** A stretch of code of one kind, such as `hljs-keyword`; positions in UTF-16 code units. */
export interface Coloured {
	from: number;
	to: number;
	name: string;
}

/** Languages of schools and of the web, by their ids, with the names that people know; the first is plain text. */
export const languages: readonly (readonly [id: string, name: string | null])[] = [
	['', null],
	['python', 'Python'],
	['cpp', 'C++'],
	['c', 'C'],
	['java', 'Java'],
	['javascript', 'JavaScript'],
	['typescript', 'TypeScript'],
	['xml', 'HTML'],
	['css', 'CSS'],
	['json', 'JSON'],
	['sql', 'SQL'],
	['bash', 'Shell'],
	['go', 'Go'],
	['rust', 'Rust'],
	['csharp', 'C#'],
	['php', 'PHP'],
	['kotlin', 'Kotlin'],
	['swift', 'Swift'],
	['r', 'R'],
	['markdown', 'Markdown']
];
const aliases: Record<string, string> = {
	py: 'python',
	js: 'javascript',
	ts: 'typescript',
	html: 'xml',
	sh: 'bash',
	'c++': 'cpp',
	'c#': 'csharp',
	md: 'markdown'
};

/** A language by its id or by what people write for it; null for plain text and for every other value. */
export function languageIn(value: unknown): string | null {
	const id = typeof value === 'string' ? (aliases[value.toLowerCase()] ?? value.toLowerCase()) : '';
	return id !== '' && languages.some(([known]) => known === id) ? id : null;
}

/** Longer code is shown without colours: they would cost more than they tell. */
const longest = 50_000;

interface Tree {
	type: string;
	value?: string;
	children?: Tree[];
	properties?: { className?: unknown };
}
let colours: ((code: string, language: string) => Tree) | null = null;
let loading: Promise<boolean> | null = null;

/** Loads what knows the languages; whether it is there. */
export const loadColours = (): Promise<boolean> =>
	(loading ??= import('./grammars.ts').then(
		({ grammars }) => {
			colours = grammars;
			return true;
		},
		() => {
			loading = null;
			return false;
		}
	));

/** The pieces of some code; null while what knows the languages is not loaded. */
export function coloured(code: string, language: string | null): Coloured[] | null {
	if (language === null || code.length > longest) return [];
	if (!colours) return null;
	const pieces: Coloured[] = [];
	let at = 0;
	const walk = ({ value, children, properties }: Tree, names: readonly string[]): void => {
		const own = Array.isArray(properties?.className) ? [...names, ...(properties.className as unknown[]).map(String)] : names;
		if (value !== undefined) {
			if (own.length > 0) pieces.push({ from: at, to: at + value.length, name: own.join(' ') });
			at += value.length;
		}
		for (const child of children ?? []) walk(child, own);
	};
	walk(colours(code, language), []);
	return pieces;
}
