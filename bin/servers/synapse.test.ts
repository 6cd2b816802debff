import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { useChat } from '#tests/support/servers.ts';
import { keepSecrets } from './secrets.ts';
import { synapseFiles } from './synapse.ts';

type Answer = { status: number; body: Record<string, unknown> };

async function call(url: string, token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer> {
	const response = await fetch(`${url}/_matrix/client/v3/${path}`, {
		method,
		headers: { ...(token && { authorization: `Bearer ${token}` }) },
		body: body === undefined ? undefined : JSON.stringify(body)
	});
	return { status: response.status, body: await response.json() };
}

async function hubAndPerson() {
	const { url, asToken, serverName } = await useChat();
	const username = `u_${crypto.randomUUID()}`;
	const hub = (method: string, path: string, body?: unknown) => call(url, asToken, method, path, body);
	await hub('POST', 'register', { type: 'm.login.application_service', username });
	const signIn = { type: 'm.login.application_service', identifier: { type: 'm.id.user', user: username } };
	const { body } = await hub('POST', 'login', signIn);
	const person = (method: string, path: string, content?: unknown) => call(url, String(body.access_token), method, path, content);
	return { url, hub, person, userId: `@${username}:${serverName}` };
}

test('the hub makes accounts and rooms, and people write in them', async () => {
	const { hub, person, userId } = await hubAndPerson();
	const { body: room } = await hub('POST', 'createRoom', { preset: 'private_chat', invite: [userId] });
	expect(await person('POST', `join/${room.room_id}`)).toMatchObject({ status: 200 });
	const sent = await person('PUT', `rooms/${room.room_id}/send/m.room.message/1`, { msgtype: 'm.text', body: '老师好' });
	expect(sent).toMatchObject({ status: 200, body: { event_id: expect.any(String) } });
	const { body: read } = await hub('GET', `rooms/${room.room_id}/event/${String(sent.body.event_id)}`);
	expect(read).toMatchObject({ sender: userId, content: { body: '老师好' } });
});

test('nobody registers by themselves, and there is no sign-in by password', async () => {
	const { url } = await useChat();
	expect(await call(url, undefined, 'POST', 'register', { username: 'stranger', password: 'correct horse' })).toMatchObject({
		status: 403
	});
	const { body } = await call(url, undefined, 'GET', 'login');
	expect(body.flows).toEqual([{ type: 'm.login.application_service' }]);
});

test('people make no rooms, invite nobody and find nobody', async () => {
	const { person, hub, userId } = await hubAndPerson();
	expect((await person('POST', 'createRoom', {})).status).toBe(429);
	const { body: room } = await hub('POST', 'createRoom', {
		invite: [userId],
		power_level_content_override: { users_default: 0, invite: 0 }
	});
	await person('POST', `join/${room.room_id}`);
	expect((await person('POST', `rooms/${room.room_id}/invite`, { user_id: '@u_other:space.test' })).status).toBe(429);
	expect((await person('POST', 'user_directory/search', { search_term: 'u_' })).status).toBe(200);
	expect((await person('POST', 'user_directory/search', { search_term: 'u_' })).body.results).toEqual([]);
	expect((await person('PUT', `directory/list/room/${room.room_id}`, { visibility: 'public' })).status).toBe(403);
});

test('there is no federation: its paths do not exist', async () => {
	const { url } = await useChat();
	for (const path of ['_matrix/federation/v1/version', '_matrix/key/v2/server', '.well-known/matrix/server']) {
		expect((await fetch(`${url}/${path}`)).status).toBe(404);
	}
});

test('its configuration names no other server and keeps secrets out of the command line', () => {
	const folder = temporaryFolder();
	const secrets = keepSecrets(folder);
	const files = synapseFiles({
		python: 'python',
		folder,
		port: 8008,
		databasePort: 5432,
		serverName: 'space.local',
		hubUrl: 'http://127.0.0.1:3000',
		origin: 'https://space.school.cn',
		secrets,
		logFile: 'synapse.log',
		log: { info: () => undefined, warn: () => undefined }
	});
	expect(files['homeserver.yaml']).toMatchObject({
		public_baseurl: 'https://space.school.cn/',
		federation_domain_whitelist: [],
		trusted_key_servers: [],
		report_stats: false,
		url_preview_enabled: false,
		presence: { enabled: false },
		listeners: [{ bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] }]
	});
	expect(files['hub.yaml']).toMatchObject({
		rate_limited: false,
		namespaces: { users: [{ exclusive: true, regex: '@u_.*:space\\.local' }] }
	});
	expect(files['signing.key']).toMatch(/^ed25519 a_[0-9a-f]{6} [A-Za-z0-9+/]{43}\n$/);
});
