import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Step } from './model.ts';
import { moved, nextOf, parsePasted } from './plan.ts';

const short = (text: string) => parsePasted(text).map(({ name, minutes, note }) => [name, minutes, note]);

describe('a plan that was copied', () => {
	test('from a table has a step for each row, whatever the columns', () => {
		expect(short('环节\t时间\t活动\n导入\t5 分钟\t看桥的照片\n实验\t15-20分\t分组造桥\n\n小结\t\t')).toEqual([
			['导入', 5, '看桥的照片'],
			['实验', 20, '分组造桥'],
			['小结', 0, '']
		]);
		expect(short('1\t导入\t5\t提问\n2\t讲解\t10min\t')).toEqual([
			['导入', 5, '提问'],
			['讲解', 10, '']
		]);
	});

	test('from lines has a step for each of them', () => {
		expect(short('1. 导入 5分钟\n2、小组讨论（12 分钟）\n汇报, 8\n3D 打印')).toEqual([
			['导入', 5, ''],
			['小组讨论', 12, ''],
			['汇报', 8, ''],
			['3D 打印', 0, '']
		]);
	});

	test('may be anything: what comes of it are steps that a plan takes', () => {
		const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\t', '\n', '5 分钟', '导入', '（', '1.', ',', '999'));
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
				const steps = parsePasted(pieces.join(''));
				expect(steps.length).toBeLessThanOrEqual(40);
				for (const step of steps) expect(Step.safeParse(step).success).toBe(true);
			})
		);
	});
});

test('after the last step there is none, and before the first comes the first', () => {
	const steps = [{ id: 'a' }, { id: 'b' }];
	expect([nextOf(steps, null), nextOf(steps, 'a'), nextOf(steps, 'b'), nextOf(steps, 'x'), nextOf([], null)]).toEqual([
		{ id: 'a' },
		{ id: 'b' },
		null,
		null,
		null
	]);
});

test('moving a step loses none and doubles none', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.nat(), fc.integer({ min: -50, max: 50 }), (list, at, by) => {
			const from = at % list.length;
			expect([...moved(list, from, by)].sort()).toEqual([...list].sort());
		})
	);
});
