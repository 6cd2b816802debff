import { m } from '#lib/i18n/generated/messages.js';
import { items } from './model.ts';
import type { Found, Item, Outcome, Ways } from './model.ts';

type Locale = 'zh-CN' | 'en';
type In = { locale: Locale } | undefined;

export const itemName = (item: Item, where?: In): string => m[`check.item.${item}`]({}, where);
export const outcomeName = (outcome: Outcome, where?: In): string => m[`check.state.${outcome}`]({}, where);

/** What a teacher is told about it. */
export function forTeacher(item: Item, outcome: Outcome, where?: In): string {
	if (outcome === 'ok') return item === 'speaker' ? m['check.heard']({}, where) : m['check.fine']({}, where);
	if (outcome === 'slow' || outcome === 'blocked') return m[`check.trouble.${item}`]({}, where);
	if (outcome === 'skipped') return item === 'turn' ? m['check.noTurn']({}, where) : m['check.notTried']({}, where);
	return '';
}

/** What a technician is told: which hosts and ports have to be open, from the running settings. */
export function forTechnician(item: Item, ways: Ways, where?: In): string {
	const { host, hostname, protocol } = new URL(ways.origin || 'https://localhost');
	return m[`check.tech.${item}`](
		{
			origin: ways.origin,
			host,
			secure: protocol === 'https:' ? 'wss' : 'ws',
			media: ways.mediaAddress ?? hostname,
			udp: ways.udpPort ?? '7882',
			tcp: ways.tcpPort ?? '7881',
			turn: ways.turn.join('、') || '—'
		},
		where
	);
}

/** The whole result as plain text, to be sent to a technician by whatever means. */
export function asText(found: Readonly<Record<Item, Found>>, ways: Ways, at: string, browser: string): string {
	const lines = items.map((item) => {
		const { outcome, value } = found[item];
		const first = `[${outcomeName(outcome)}] ${itemName(item)}${value ? ` ${value}` : ''}`;
		return outcome === 'slow' || outcome === 'blocked'
			? `${first}\n    ${forTeacher(item, outcome)}\n    ${forTechnician(item, ways)}`
			: first;
	});
	return [
		m['check.title'](),
		at,
		ways.origin,
		ways.seenFrom ? m['check.seenFrom']({ address: ways.seenFrom }) : '',
		browser,
		'',
		...lines
	]
		.filter((line, index) => line || index === 5)
		.join('\n');
}
