import { expect, test } from 'vitest';
import { judgeBrowser, judgeQuality, judgeRoom, worstOf } from './model.ts';

test('the worst of round trip, jitter and loss counts', () => {
	expect(judgeQuality({ roundTrip: 30, jitter: 5, loss: 0 })).toBe('ok');
	expect(judgeQuality({ roundTrip: 30, jitter: 90, loss: 0 })).toBe('slow');
	expect(judgeQuality({ roundTrip: 300, jitter: 5, loss: 0.4 })).toBe('blocked');
});

test('below 300 kbit/s there is no room for pictures', () => {
	expect([100, 299, 300, 699, 700].map(judgeRoom)).toEqual(['blocked', 'blocked', 'slow', 'slow', 'ok']);
});

test('a browser is named with its version; one without calls is no use, one that is not known is let through', () => {
	const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36';
	expect(judgeBrowser(chrome, true)).toEqual({ outcome: 'ok', value: 'Chrome 139' });
	expect(judgeBrowser(chrome.replace('139', '80'), true)).toEqual({ outcome: 'slow', value: 'Chrome 80' });
	expect(judgeBrowser(`${chrome} Edg/139.0.0.0`, true).value).toBe('Edge 139');
	expect(judgeBrowser('Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/15.4 Mobile/15E148 Safari/604.1', true).outcome).toBe(
		'slow'
	);
	expect(judgeBrowser(chrome, false).outcome).toBe('blocked');
	expect(judgeBrowser('Lynx', true)).toEqual({ outcome: 'ok', value: '' });
});

test('what is worst is said first', () => {
	const found = (...outcomes: ('ok' | 'slow' | 'blocked' | 'skipped')[]) => outcomes.map((outcome) => ({ outcome, value: '' }));
	expect(worstOf(found('ok', 'skipped'))).toBe('ok');
	expect(worstOf(found('ok', 'blocked', 'slow'))).toBe('blocked');
});
