import { elements, first, wordsOf } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';

const signs: Record<string, string> = {
	'×': '\\times',
	'÷': '\\div',
	'±': '\\pm',
	'∓': '\\mp',
	'·': '\\cdot',
	'⋅': '\\cdot',
	'≤': '\\leq',
	'≥': '\\geq',
	'≠': '\\neq',
	'≈': '\\approx',
	'≡': '\\equiv',
	'∼': '\\sim',
	'≅': '\\cong',
	'∝': '\\propto',
	'∞': '\\infty',
	'∈': '\\in',
	'∉': '\\notin',
	'⊂': '\\subset',
	'⊆': '\\subseteq',
	'⊃': '\\supset',
	'∪': '\\cup',
	'∩': '\\cap',
	'∅': '\\emptyset',
	'∀': '\\forall',
	'∃': '\\exists',
	'¬': '\\neg',
	'∧': '\\wedge',
	'∨': '\\vee',
	'→': '\\to',
	'←': '\\leftarrow',
	'↔': '\\leftrightarrow',
	'⇒': '\\Rightarrow',
	'⇔': '\\Leftrightarrow',
	'∂': '\\partial',
	'∇': '\\nabla',
	'∠': '\\angle',
	'⊥': '\\perp',
	'∥': '\\parallel',
	'△': '\\triangle',
	'∴': '\\therefore',
	'∵': '\\because',
	'…': '\\dots',
	'⋯': '\\cdots',
	'′': "'",
	'−': '-',
	'∗': '*',
	'∑': '\\sum',
	'∏': '\\prod',
	'∫': '\\int',
	'∬': '\\iint',
	'∭': '\\iiint',
	'∮': '\\oint',
	'⋃': '\\bigcup',
	'⋂': '\\bigcap',
	'°': '^{\\circ}',
	'∘': '\\circ',
	'#': '\\#',
	'%': '\\%',
	'&': '\\&',
	_: '\\_',
	'{': '\\{',
	'}': '\\}',
	$: '\\$',
	'\\': '\\backslash',
	'^': '\\hat{}',
	'~': '\\sim',
	'\u00a0': '\\ ',
	'\u2003': '\\quad',
	'\u2002': '\\ ',
	'⟨': '\\langle',
	'⟩': '\\rangle',
	'‖': '\\|'
};
const greek =
	'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon varphi chi psi omega'.split(
		' '
	);
greek.forEach((name, at) => {
	signs[String.fromCharCode(0x3b1 + at)] = `\\${name}`;
	if ('gamma delta theta lambda xi pi sigma upsilon psi omega'.split(' ').includes(name))
		signs[String.fromCharCode(0x391 + at)] = `\\${name[0]?.toUpperCase()}${name.slice(1)}`;
});
signs['Φ'] = '\\Phi';
Object.assign(signs, { ϵ: '\\epsilon', ε: '\\varepsilon', ϕ: '\\phi', ϑ: '\\vartheta', ϖ: '\\varpi', ϱ: '\\varrho' });

const accents: Record<string, string> = {
	'\u0302': 'hat',
	'^': 'hat',
	ˆ: 'hat',
	'\u0303': 'tilde',
	'~': 'tilde',
	'˜': 'tilde',
	'\u20d7': 'vec',
	'→': 'overrightarrow',
	'\u0307': 'dot',
	'˙': 'dot',
	'\u0308': 'ddot',
	'¨': 'ddot',
	'\u0305': 'overline',
	'¯': 'bar',
	ˉ: 'bar',
	'\u0304': 'bar',
	ˇ: 'check',
	'˘': 'breve',
	'⏞': 'overbrace'
};
const functions = new Set(
	'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min sup inf det gcd deg dim ker arg'.split(
		' '
	)
);

/** An equation of Word as LaTeX. */
export const latexOf = (element: Element): string =>
	row(element)
		.replace(/\s+/g, ' ')
		.replace(/ (?=[}^_&)\]])/g, '')
		.trim();

const row = (element: Element | undefined): string => (element ? elements(element).map(read).join('') : '');
/** In braces, unless it is one sign. */
const group = (latex: string): string => `{${latex.trim()}}`;
const val = (element: Element | undefined, name: string): string | undefined => {
	const found = first(element, name);
	return found && (found.attributes.get('val') ?? '');
};
const isOn = (setting: string | undefined): boolean =>
	setting !== undefined && setting !== '0' && setting !== 'off' && setting !== 'false';

const words = (text: string): string =>
	[...text]
		.map((sign) => {
			const known = signs[sign];
			if (known === undefined) return sign;
			return /[a-z]$/i.test(known) ? `${known} ` : known;
		})
		.join('');
const plain = (text: string): string =>
	text.replace(/[\\{}$%&#_^~]/g, (sign) => (sign === '\\' ? '/' : /[\^~]/.test(sign) ? ' ' : `\\${sign}`));

function read(element: Element): string {
	const part = (name: string) => row(first(element, name));
	switch (element.name) {
		case 'r': {
			const text = elements(element, 't').map(wordsOf).join('');
			const properties = first(element, 'rPr');
			const upright = isOn(val(properties, 'nor')) || val(properties, 'sty') === 'p';
			if (functions.has(text.trim())) return `\\${text.trim()} `;
			if (isOn(val(properties, 'nor'))) return text.trim() === '' ? '\\ ' : `\\text{${plain(text)}}`;
			return upright && /^[a-z]{2,}$/i.test(text) ? `\\mathrm{${text}}` : words(text);
		}
		case 'f': {
			const kind = val(first(element, 'fPr'), 'type');
			if (kind === 'noBar') return `{${part('num').trim()}\\atop ${part('den').trim()}}`;
			if (kind === 'lin') return `${group(part('num'))}/${group(part('den'))}`;
			return `\\frac${group(part('num'))}${group(part('den'))}`;
		}
		case 'rad': {
			const degree = part('deg').trim();
			return degree === '' ? `\\sqrt${group(part('e'))}` : `\\sqrt[${degree}]${group(part('e'))}`;
		}
		case 'sSup':
			return `${base(part('e'))}^${group(part('sup'))}`;
		case 'sSub':
			return `${base(part('e'))}_${group(part('sub'))}`;
		case 'sSubSup':
			return `${base(part('e'))}_${group(part('sub'))}^${group(part('sup'))}`;
		case 'sPre':
			return `{}_${group(part('sub'))}^${group(part('sup'))}${part('e')}`;
		case 'nary': {
			const properties = first(element, 'naryPr');
			const sign = words(val(properties, 'chr') ?? '∫').trim();
			const [sub, sup] = [part('sub').trim(), part('sup').trim()];
			return `${sign}${sub ? `_${group(sub)}` : ''}${sup ? `^${group(sup)}` : ''} ${part('e')}`;
		}
		case 'd': {
			const properties = first(element, 'dPr');
			const fence = (sign: string) => (sign === '' ? '.' : sign === '{' || sign === '}' ? `\\${sign}` : words(sign).trim());
			const [left, right] = [val(properties, 'begChr') ?? '(', val(properties, 'endChr') ?? ')'];
			const separator = val(properties, 'sepChr') ?? '|';
			const inside = elements(element, 'e').map(row);
			const only =
				elements(element, 'e').length === 1
					? elements(elements(element, 'e')[0] as Element).filter(({ name }) => name !== 'ctrlPr')
					: [];
			if (only.length === 1 && only[0]?.name === 'm') {
				const kind = { '()': 'pmatrix', '[]': 'bmatrix', '||': 'vmatrix', '{}': 'Bmatrix', '{': 'cases' }[left + right];
				if (kind) return matrix(only[0], kind);
			}
			if (only.length === 1 && only[0]?.name === 'eqArr' && left === '{' && right === '') return matrix(only[0], 'cases');
			return `\\left${fence(left)}${/[a-z]$/i.test(fence(left)) ? ' ' : ''}${inside.map((each) => each.trim()).join(separator)}\\right${fence(right)}${/[a-z]$/i.test(fence(right)) ? ' ' : ''}`;
		}
		case 'm':
			return matrix(element, 'matrix');
		case 'eqArr':
			return matrix(element, 'aligned');
		case 'func':
			return `${part('fName')}${part('e')}`;
		case 'acc': {
			const sign = val(first(element, 'accPr'), 'chr') ?? '\u0302';
			return `\\${accents[sign] ?? 'hat'}${group(part('e'))}`;
		}
		case 'bar':
			return `\\${val(first(element, 'barPr'), 'pos') === 'top' ? 'overline' : 'underline'}${group(part('e'))}`;
		case 'groupChr':
			return `\\${val(first(element, 'groupChrPr'), 'pos') === 'top' ? 'overbrace' : 'underbrace'}${group(part('e'))}`;
		case 'limLow': {
			const below = part('e').trim();
			return /^\\(lim|max|min|sup|inf|det|gcd)$/.test(below)
				? `${below}_${group(part('lim'))}`
				: `\\underset${group(part('lim'))}${group(below)}`;
		}
		case 'limUpp':
			return `\\overset${group(part('lim'))}${group(part('e'))}`;
		case 'borderBox':
			return `\\boxed${group(part('e'))}`;
		case 'oMath':
		case 'e':
		case 'box':
		case 'phant':
		case 'num':
		case 'den':
		case 'sup':
		case 'sub':
		case 'fName':
		case 'ins':
			return row(element);
		default:
			return '';
	}
}

/** What an index stands at: one sign, one command, or a group. */
const base = (latex: string): string => {
	const trimmed = latex.trim();
	return [...trimmed].length === 1 || /^\\[a-z]+$/i.test(trimmed) || /^\\[a-z]+\{[^{}]*\}$/i.test(trimmed)
		? trimmed
		: `{${trimmed}}`;
};

function matrix(element: Element, kind: string): string {
	const lines =
		element.name === 'eqArr'
			? elements(element, 'e').map((line) => row(line).replaceAll('\\&', '&').trim())
			: elements(element, 'mr').map((line) =>
					elements(line, 'e')
						.map((cell) => row(cell).trim())
						.join('&')
				);
	return `\\begin{${kind}}${lines.join('\\\\')}\\end{${kind}}`;
}
