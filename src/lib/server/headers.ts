/** Headers of every answer beside the content security policy, which SvelteKit writes with its nonces. */
export function securityHeaders(headers: Headers, url: URL): void {
	headers.set('x-content-type-options', 'nosniff');
	headers.set('x-frame-options', 'DENY');
	headers.set('referrer-policy', 'same-origin');
	headers.set('cross-origin-opener-policy', 'same-origin');
	headers.set('cross-origin-resource-policy', 'same-origin');
	headers.set(
		'permissions-policy',
		'camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=(), payment=()'
	);
	if (url.protocol === 'https:') headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
	if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
}
