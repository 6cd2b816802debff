import { randomInt } from 'node:crypto';
import { defineConfig } from '@playwright/test';
import { findChromium } from './bin/servers/chromium.ts';

// The workers read this file again: they must find the port that the first reader chose.
process.env.SPACE_TEST_PORT ??= String(randomInt(20_000, 32_000));

export default defineConfig({
	testDir: 'tests/journeys',
	globalSetup: './tests/support/journeys.ts',
	outputDir: 'test-results',
	// One machine carries the servers and every browser: journeys take turns.
	workers: 1,
	forbidOnly: Boolean(process.env.CI),
	// Real browsers and servers on a machine that others use too: what fails is tried again, and reported as flaky.
	retries: process.env.CI ? 1 : 0,
	timeout: 120_000,
	expect: { timeout: 15_000 },
	reporter: [['list']],
	use: {
		baseURL: `http://localhost:${process.env.SPACE_TEST_PORT}`,
		locale: 'zh-CN',
		timezoneId: 'Asia/Shanghai',
		screenshot: 'only-on-failure',
		trace: 'retain-on-failure',
		permissions: ['camera', 'microphone'],
		launchOptions: {
			executablePath: findChromium(),
			args: [
				'--no-sandbox',
				'--use-fake-ui-for-media-stream',
				'--use-fake-device-for-media-stream',
				'--autoplay-policy=no-user-gesture-required'
			]
		}
	}
});
