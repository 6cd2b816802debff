import { expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { accountOf, chatPathAllowed, personOf } from './model.ts';

const v3 = '/_matrix/client/v3';
const room = `${v3}/rooms/!abc%3Aspace.local`;
const event = '%24event';

test.each([
	['GET', '/_matrix/client/versions'],
	['GET', `${v3}/sync`],
	['GET', `${v3}/account/whoami`],
	['GET', `${v3}/capabilities`],
	['GET', `${v3}/pushrules/`],
	['GET', `${v3}/voip/turnServer`],
	['GET', `${v3}/profile/@u_1:space.local`],
	['GET', `${v3}/profile/@u_1:space.local/displayname`],
	['POST', `${v3}/logout`],
	['POST', `${v3}/user/@u_1:space.local/filter`],
	['GET', `${v3}/user/@u_1:space.local/filter/0`],
	['GET', `${room}/messages`],
	['GET', `${room}/context/${event}`],
	['GET', `${room}/event/${event}`],
	['GET', `${room}/members`],
	['GET', `${room}/joined_members`],
	['GET', `${room}/state`],
	['GET', `${room}/state/m.room.name/`],
	['GET', `/_matrix/client/v1/rooms/!abc/relations/${event}/m.annotation/m.reaction`],
	['PUT', `${room}/send/m.room.message/1`],
	['PUT', `${room}/send/m.reaction/2`],
	['PUT', `${room}/redact/${event}/3`],
	['PUT', `${room}/typing/@u_1:space.local`],
	['POST', `${room}/read_markers`],
	['POST', `${room}/receipt/m.read/${event}`],
	['GET', '/_matrix/client/v1/media/download/space.local/abc'],
	['GET', '/_matrix/client/v1/media/thumbnail/space.local/abc']
])('a browser may %s %s', (method, path) => {
	expect(chatPathAllowed(method, path)).toBe(true);
});

test.each([
	['POST', `${v3}/createRoom`],
	['POST', `${v3}/register`],
	['GET', `${v3}/register/available`],
	['POST', `${v3}/login`],
	['GET', `${v3}/login`],
	['POST', `${v3}/logout/all`],
	['POST', `${v3}/refresh`],
	['POST', `${v3}/account/deactivate`],
	['POST', `${v3}/account/password`],
	['GET', `${v3}/account/3pid`],
	['GET', `${v3}/devices`],
	['POST', `${v3}/delete_devices`],
	['POST', `${v3}/keys/upload`],
	['POST', `${v3}/keys/query`],
	['PUT', `${v3}/sendToDevice/m.any/1`],
	['GET', `${v3}/publicRooms`],
	['GET', `${v3}/directory/room/%23r_1:space.local`],
	['PUT', `${v3}/directory/list/room/!abc`],
	['POST', `${v3}/user_directory/search`],
	['POST', `${v3}/search`],
	['POST', `${v3}/join/!abc`],
	['POST', `${v3}/knock/!abc`],
	['POST', `${room}/join`],
	['POST', `${room}/invite`],
	['POST', `${room}/leave`],
	['POST', `${room}/forget`],
	['POST', `${room}/kick`],
	['POST', `${room}/ban`],
	['POST', `${room}/upgrade`],
	['POST', `${room}/report/${event}`],
	['PUT', `${room}/state/m.room.power_levels`],
	['PUT', `${room}/state/m.room.name/`],
	['PUT', `${room}/send/m.room.encrypted/1`],
	['PUT', `${room}/send/m.room.message.x/1`],
	['PUT', `${v3}/profile/@u_1:space.local/displayname`],
	['PUT', `${v3}/presence/@u_1:space.local/status`],
	['PUT', `${v3}/pushrules/global/content/x`],
	['POST', `${v3}/pushers/set`],
	['POST', `${v3}/user/@u_1:space.local/openid/request_token`],
	['POST', '/_matrix/media/v3/upload'],
	['GET', '/_matrix/media/v3/download/space.local/abc'],
	['GET', '/_matrix/client/v1/media/preview_url'],
	['GET', '/_matrix/federation/v1/version'],
	['GET', '/_matrix/key/v2/server'],
	['GET', '/_synapse/admin/v2/users'],
	['PUT', '/_matrix/app/v1/transactions/1'],
	['GET', '/_matrix/client/r0/sync'],
	['DELETE', `${room}/messages`],
	['get', `${v3}/sync`],
	['GET', `${v3}/sync/`],
	['GET', `${v3}//sync`],
	['GET', `${room}/state/../../createRoom`],
	['GET', `${room}/event/%2e%2e`],
	['GET', `${room}/event/a%2fb`],
	['GET', `${room}/event/a%5Cb`],
	['GET', `${room}/event/a%00`],
	['GET', `${room}/event/a;b`],
	['GET', `${room}/event/a\\b`],
	['GET', `${room}/event/a b`]
])('a browser may not %s %s', (method, path) => {
	expect(chatPathAllowed(method, path)).toBe(false);
});

test('an account names its person, and nobody else has one', () => {
	const id = newId<'person'>();
	expect(personOf(`@${accountOf(id)}:space.local`)).toBe(id);
	for (const stranger of ['@hub:space.local', '@u_1:space.local', 'u_1', `@x${accountOf(id)}:space.local`]) {
		expect(personOf(stranger)).toBeNull();
	}
});
