import { Room, RoomEvent } from '@livekit/rtc-node';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RoomServiceClient, TokenVerifier } from 'livekit-server-sdk';
import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { MediaGateway, Sent } from '#lib/server/services.ts';
import { readEnv } from '#src/env.ts';
import { useMedia } from '#tests/support/servers.ts';
import type { TestMedia } from '#tests/support/servers.ts';
import { joinCall } from '#tests/support/calls.ts';
import { speak } from '#tests/support/voices.ts';
import { identityOf } from '#lib/rooms/model.ts';
import { openMedia } from './gateway.ts';

const log = pino({ level: 'silent' });
const envOf = (settings: Record<string, string>) =>
	readEnv({
		NODE_ENV: 'test',
		DATABASE_APP_URL: 'postgres://nowhere',
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		...settings
	});

let server: TestMedia;
let media: MediaGateway;
beforeAll(async () => {
	server = await useMedia();
	const opened = openMedia(
		envOf({ LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret }),
		log
	);
	if (!opened) throw new Error('no media');
	media = opened;
});

const everything: readonly Sent[] = ['microphone', 'camera', 'screen', 'draw'];
const grant = (sends = everything) => ({ roomId: newId<'room'>(), personId: newId<'person'>(), name: '王老师', sends });

test('without a media server there is no gateway', () => {
	expect(openMedia(envOf({}), log)).toBeNull();
});

test('a token names the person of the roster, lets into one room for ten minutes, and administers nothing', async () => {
	const wanted = grant();
	const claims = await new TokenVerifier(server.apiKey, server.apiSecret).verify(await media.token(wanted));
	expect(claims).toMatchObject({ sub: wanted.personId, name: '王老师' });
	expect((claims.exp ?? 0) - (claims.nbf ?? 0)).toBeLessThanOrEqual(600);
	expect(claims.video).toEqual({
		roomJoin: true,
		room: wanted.roomId,
		canSubscribe: true,
		canPublish: true,
		canPublishSources: ['microphone', 'camera', 'screen_share', 'screen_share_audio'],
		canPublishData: true,
		canUpdateOwnMetadata: false
	});
});

test('whoever may only listen gets a token that sends nothing', async () => {
	const claims = await new TokenVerifier(server.apiKey, server.apiSecret).verify(await media.token(grant([])));
	expect(claims.video).toMatchObject({ canPublish: false, canPublishSources: [], canPublishData: false });
});

test('whoever may draw is heard under their own name, whatever they say; whoever may not is heard by nobody', async () => {
	const roomId = newId<'room'>();
	const join = async (sends: readonly Sent[]) => {
		const wanted = { ...grant(sends), roomId };
		const room = new Room();
		await room.connect(server.url, await media.token(wanted), { autoSubscribe: false, dynacast: false });
		return { room, personId: wanted.personId };
	};
	const [drawing, silent, looking] = [await join(['draw']), await join([]), await join([])];
	const heard: [string | undefined, string][] = [];
	looking.room.on(RoomEvent.DataReceived, (bytes, sender) => heard.push([sender?.identity, new TextDecoder().decode(bytes)]));
	const say = (who: typeof drawing, words: string) =>
		who.room
			.localParticipant!.publishData(new TextEncoder().encode(words), { reliable: true, topic: 'ink' })
			.catch(() => undefined);
	await say(silent, 'not for you');
	await say(drawing, 'one');
	await expect.poll(() => heard).toEqual([[drawing.personId, 'one']]);
	await media.permit(roomId, drawing.personId, []);
	await media.permit(roomId, silent.personId, ['draw']);
	await say(drawing, 'not any more');
	await say(silent, 'two');
	await expect.poll(() => heard.length).toBe(2);
	expect(heard[1]).toEqual([silent.personId, 'two']);
	for (const { room } of [drawing, silent, looking]) await room.disconnect();
});

test('whoever speaks into a call from outside is beside oneself in it, hears nothing and sends the microphone only', async () => {
	const wanted = { ...grant(['microphone']), seat: 'outside' as const };
	const claims = await new TokenVerifier(server.apiKey, server.apiSecret).verify(await media.token(wanted));
	expect(claims.sub).toBe(identityOf(wanted.personId, 'outside'));
	expect(claims.video).toMatchObject({ canSubscribe: false, canPublish: true, canPublishSources: ['microphone'] });
});

test('a person who is taken out of a call is out, and taking out somebody who is not in is no error', async () => {
	const wanted = grant();
	const call = await joinCall(server.url, await media.token(wanted));
	await media.remove(wanted.roomId, wanted.personId);
	await call.ended;
	const rooms = new RoomServiceClient(server.url.replace('ws', 'http'), server.apiKey, server.apiSecret);
	expect(await rooms.listParticipants(wanted.roomId)).toEqual([]);
	await media.remove(wanted.roomId, wanted.personId);
	await media.remove(newId<'room'>(), wanted.personId);
});

test('whoever loses the microphone in a call is silent at once, and gets it back when it is granted again', async () => {
	const wanted = grant();
	const call = await joinCall(server.url, await media.token(wanted));
	const rooms = new RoomServiceClient(server.url.replace('ws', 'http'), server.apiKey, server.apiSecret);
	const tracks = async () => (await rooms.getParticipant(wanted.roomId, wanted.personId)).tracks.length;
	expect(await media.senders(wanted.roomId)).toEqual([{ personId: wanted.personId, seat: 'first', sends: everything }]);
	await call.say(speak([{ silence: 0, speech: 20_000 }], { seed: 1, pitch: 140, tail: 0 }));
	await expect.poll(tracks).toBe(1);
	await media.permit(wanted.roomId, wanted.personId, ['camera']);
	expect(await media.senders(wanted.roomId)).toEqual([{ personId: wanted.personId, seat: 'first', sends: ['camera'] }]);
	await expect.poll(tracks).toBe(0);
	await media.permit(wanted.roomId, wanted.personId, []);
	expect(await media.senders(wanted.roomId)).toEqual([{ personId: wanted.personId, seat: 'first', sends: [] }]);
	await media.permit(wanted.roomId, newId<'person'>(), []);
	await media.permit(newId<'room'>(), wanted.personId, []);
	expect(await media.senders(newId<'room'>())).toEqual([]);
	await call.leave();
});

test('a call that is ended is over for everybody in it, and ending one that is not there is no error', async () => {
	const wanted = grant();
	const call = await joinCall(server.url, await media.token(wanted));
	await media.end(wanted.roomId);
	await call.ended;
	await media.end(wanted.roomId);
});

test('a server that answers is well; one that is away or does not answer is told in a sentence, within two seconds', async () => {
	expect(await media.state()).toEqual({ ok: true });

	const keys = { LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret };
	expect(await openMedia(envOf({ LIVEKIT_URL: 'ws://127.0.0.1:9', ...keys }), log)?.state()).toEqual({
		ok: false,
		reason: 'the media server cannot be reached'
	});

	const mute = createServer(() => undefined);
	await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
	const url = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}`;
	const begun = performance.now();
	expect(await openMedia(envOf({ LIVEKIT_URL: url, ...keys }), log)?.state()).toEqual({
		ok: false,
		reason: 'the media server does not answer within 1.5 s'
	});
	expect(performance.now() - begun).toBeLessThan(2_000);
	mute.closeAllConnections();
	mute.close();
});

test('a check of the network is a call with oneself, whose one end sends pictures and whose other end only looks', async () => {
	const { sends, looks } = await media.loop();
	const verifier = new TokenVerifier(server.apiKey, server.apiSecret);
	const [one, other] = [await verifier.verify(sends), await verifier.verify(looks)];
	expect(one.video?.room).toMatch(/^check-/);
	expect(other.video?.room).toBe(one.video?.room);
	expect((await verifier.verify((await media.loop()).sends)).video?.room).not.toBe(one.video?.room);
	expect(one.video).toMatchObject({ canPublish: true, canPublishSources: ['camera'], canPublishData: false });
	expect(other.video).toMatchObject({ canPublish: false, canPublishData: false });
});

test('a second device of a person is in the call beside the first, shares a screen and is silent, and goes with its person', async () => {
	const wanted = grant();
	const [first, second] = [
		await joinCall(server.url, await media.token(wanted)),
		await joinCall(server.url, await media.token({ ...wanted, sends: ['screen'], seat: 'companion' }))
	];
	expect(
		(await media.senders(wanted.roomId)).toSorted((a, b) => Number(a.seat === 'companion') - Number(b.seat === 'companion'))
	).toEqual([
		{ personId: wanted.personId, seat: 'first', sends: everything },
		{ personId: wanted.personId, seat: 'companion', sends: ['screen'] }
	]);
	await media.permit(wanted.roomId, wanted.personId, [], 'companion');
	expect((await media.senders(wanted.roomId)).find(({ seat }) => seat === 'companion')?.sends).toEqual([]);
	await media.remove(wanted.roomId, wanted.personId);
	await Promise.all([first.ended, second.ended]);
});
