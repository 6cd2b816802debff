import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { divideClass, enterLesson, picture, servers, take, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// One lesson from the door to its replay, with four people at four devices: what each part does by itself is tried
// elsewhere, here they follow one another as in a class.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
const pages = () => people.map(({ page }) => page) as [Page, Page, Page, Page];
let lesson = '';
const stage = (page: Page) => page.locator('[data-stage]');
const showPeople = (page: Page) => page.getByRole('tab', { name: /^成员/ }).click();

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const students = signIns.filter(({ role }) => role === '学生');
	const cast = [
		signIns.find(({ role }) => role === '班主任'),
		...students.slice(0, 2),
		signIns.find(({ role }) => role.startsWith('教师'))
	];
	for (const person of cast) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { baseURL: baseURL ?? '' }));
	}
});
test.afterAll(async () => {
	if (lesson) await rules({ stage: 'invited', lobby: false }).catch(() => undefined);
	await Promise.all(people.map(({ browser }) => browser.close()));
});
const rules = (data: object) => people[0]!.page.request.post(`/api/v1${lesson}/rules`, { data });

test('the class waits at the door, the lesson is recorded, and all come in', async () => {
	const [teacher, first, second, colleague] = pages();
	await enterLesson(teacher);
	lesson = new URL(teacher.url()).pathname;
	// Whoever another journey left in the lesson is in it for some seconds more, and would not wait.
	await teacher.request.post(`/api/v1${lesson}/end`);
	await enterLesson(teacher);
	await rules({ stage: 'invited', lobby: true });
	await teacher.getByRole('button', { name: '加入通话' }).click();
	await expect(stage(teacher)).toHaveAttribute('data-stage', 'connected');
	for (const page of [first, second]) {
		await page.goto(lesson);
		await expect(page.locator('[data-door="waiting"]')).toBeVisible();
	}
	// A colleague who teaches there too does not wait.
	await colleague.goto(lesson);
	await expect(colleague.getByText('已连接').first()).toBeVisible();
	await teacher.getByRole('button', { name: '录制', exact: true }).click();
	await expect(teacher.getByText('正在录制', { exact: true })).toBeVisible();
	await showPeople(teacher);
	await teacher.getByRole('button', { name: '全部请进' }).click();
	for (const page of [first, second, colleague]) {
		await expect(page.getByText('正在录制', { exact: true })).toBeVisible();
		await page.getByRole('button', { name: '可以', exact: true }).click();
	}
	await expect(teacher.getByText('4 人中 4 人同意录自己')).toBeVisible();
	await picture(teacher, 'lesson-begins');
});

test('a hand goes up, its owner comes on the stage and is seen, and a question is answered', async () => {
	const [teacher, first, second] = pages();
	for (const page of [first, second]) {
		await page.getByRole('button', { name: '加入听讲' }).click();
		await expect(stage(page)).toHaveAttribute('data-stage', 'connected');
	}
	await first.getByRole('button', { name: '举手' }).click();
	await teacher.getByRole('button', { name: '下一位' }).click();
	await expect(first.getByText('请您上台')).toBeVisible();
	await first.getByRole('button', { name: '打开麦克风和摄像头' }).click();
	await expect(teacher.locator('[data-person] video')).toHaveCount(2);

	await teacher.getByRole('button', { name: '发起互动' }).click();
	await teacher.getByRole('menuitem', { name: 'A B C D' }).click();
	for (const [page, answer] of [
		[first, 'B'],
		[second, 'C']
	] as const)
		await page.getByRole('region', { name: '互动' }).getByRole('button', { name: answer, exact: true }).click();
	const card = teacher.getByRole('region', { name: '互动' });
	await expect(card.getByText('2 / 2 人已答')).toBeVisible();
	await picture(teacher, 'lesson-question');
	await card.getByRole('button', { name: '公布结果' }).click();
	await card.getByRole('button', { name: '收起' }).click();
});

test('the class works in groups, the teacher sees all of them at once, and calls them back', async () => {
	const [teacher, first, second] = pages();
	const set = await divideClass(teacher, 2);
	await set.getByRole('button', { name: '开始分组' }).click();
	for (const page of [first, second]) await expect(page).not.toHaveURL(new RegExp(`${lesson}$`));
	await teacher.keyboard.press('Escape');
	await teacher.getByRole('region', { name: '分组', exact: true }).getByRole('button', { name: '看所有小组' }).click();
	await expect(teacher.locator('[data-wall]')).toHaveCount(2);
	await take(first, '讨论记录');
	const text = first.getByRole('textbox', { name: /^正文/ });
	await text.click();
	await first.keyboard.insertText('拱形把力分到两边');
	await expect(teacher.locator('[data-peek]').filter({ hasText: '拱形把力分到两边' })).toBeVisible();
	await picture(teacher, 'lesson-wall');
	await teacher.getByRole('button', { name: '分组', exact: true }).click();
	await teacher.getByRole('button', { name: '全部叫回' }).click();
	for (const page of [first, second]) await expect(page).toHaveURL(new RegExp(`${lesson}$`));
});

test('the lesson ends for all, and is there to be seen again', async () => {
	const [teacher, first, second, colleague] = pages();
	await teacher.keyboard.press('Escape');
	await teacher.getByRole('button', { name: '管理', exact: true }).click();
	await teacher.getByRole('button', { name: '结束这一场' }).click();
	await teacher.getByRole('button', { name: '全部结束' }).click();
	for (const page of [first, second, colleague]) await expect(page.locator('[data-door="ended"]')).toBeVisible();
	await first.goto(`${lesson}/recordings`);
	const card = first.getByRole('link', { name: /^回放/ }).first();
	await expect(card).toContainText('可以看了', { timeout: 30_000 });
	await card.click();
	await first.getByRole('button', { name: '播放' }).click();
	await expect
		.poll(() => first.locator('video').evaluateAll((all) => all.some((one) => (one as HTMLVideoElement).currentTime > 1)))
		.toBe(true);
	await expect(first.getByRole('button', { name: /提问/ })).toBeVisible();
	await picture(first, 'lesson-replay');
});
