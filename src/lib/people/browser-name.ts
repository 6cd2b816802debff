const browsers: readonly [RegExp, string][] = [
	[/MicroMessenger/, '微信'],
	[/Edg\//, 'Edge'],
	[/Firefox\//, 'Firefox'],
	[/Chrome\//, 'Chrome'],
	[/Safari\//, 'Safari']
];
const systems: readonly [RegExp, string][] = [
	[/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
	[/Android/, 'Android'],
	[/iPad|iPhone/, 'iOS'],
	[/Windows/, 'Windows'],
	[/Mac OS X/, 'macOS'],
	[/Linux/, 'Linux']
];

/** What a person calls the browser that sends this user agent; null when it is none we know. */
export function browserName(userAgent: string | null): string | null {
	const find = (names: typeof browsers) => names.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
	return [find(browsers), find(systems)].filter(Boolean).join(' · ') || null;
}
