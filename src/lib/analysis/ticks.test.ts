import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ticksOf } from './ticks.ts';

const at = (time: string) => Date.parse(`2026-11-24T${time}`);

describe('the ticks of a time axis', () => {
	it('are round and no more than asked for', () => {
		const { at: ticks, step } = ticksOf(at('14:03:10'), at('14:23:10'), 8);
		expect(step).toBe(5 * 60_000);
		expect(ticks).toEqual([at('14:05:00'), at('14:10:00'), at('14:15:00'), at('14:20:00')]);
	});

	it('are round where the person is, not in UTC', () => {
		vi.stubEnv('TZ', 'Asia/Kolkata');
		onTestFinished(() => void vi.unstubAllEnvs());
		const { at: ticks } = ticksOf(Date.parse('2026-11-24T00:00:00Z'), Date.parse('2026-11-24T03:00:00Z'), 3);
		expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual(['00:30', '01:30', '02:30']);
	});

	it('reach from seconds to weeks', () => {
		expect(ticksOf(at('14:00:00'), at('14:00:04'), 8).step).toBe(1_000);
		expect(ticksOf(0, 30 * 86_400_000, 6).step).toBe(5 * 86_400_000);
	});

	it('are none or one in no time at all', () => {
		expect(ticksOf(at('14:00:00'), at('14:00:00'), 8).at).toEqual([at('14:00:00')]);
	});
});
