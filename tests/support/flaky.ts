import type { Reporter, TestModule } from 'vitest/node';

/** Names every test that passed only when it was tried again, so that none of them hides in a green run. */
export default class FlakyTests implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { flaky, retryCount = 0 } = test.diagnostic() ?? {};
				if (flaky)
					process.stdout.write(`flaky: ${module.relativeModuleId} > ${test.fullName} (passed at attempt ${retryCount + 1})\n`);
			}
		}
	}
}
