import { EnableRemoteTrackPublicationRequest, FfiRequest, livekitFfiRequest } from '@livekit/rtc-ffi-bindings';
import { Room, RoomEvent, TrackSource } from '@livekit/rtc-node';
import type { RemoteTrackPublication } from '@livekit/rtc-node';
import { newId } from '#lib/ids.ts';
import { listenerToken } from './livekit.ts';
import type { MediaAddress } from './livekit.ts';

export interface EarTold {
	/** Who speaks into a microphone now; told whenever it changes. */
	speakers(identities: ReadonlySet<string>): void;
	/** Nothing is heard any more: the room ended, or the connection is cut. */
	deaf(): void;
	/** The connection ended for good. */
	closed(): void;
}

export interface Ear {
	/** Bytes of sound that have come in; none should. */
	bytesHeard(): Promise<number>;
	close(): Promise<void>;
}

/**
 * Joins a call unseen and hears who speaks, never what. LiveKit tells who speaks only to those who subscribe
 * to the speaker, so the ear subscribes to microphones and has their sound held back at the server.
 */
export async function openEar(address: MediaAddress, roomId: string, told: EarTold): Promise<Ear> {
	const room = new Room();
	let speaking: ReadonlySet<string> = new Set();
	let closing = false;
	/** LiveKit looks at microphones only: the sound of a shared screen is nobody's speech. */
	const tell = (identities: string[]) => {
		speaking = new Set(identities);
		told.speakers(speaking);
	};
	room.on(RoomEvent.TrackPublished, subscribe);
	room.on(RoomEvent.TrackSubscribed, (_track, publication) => holdBack(publication));
	room.on(RoomEvent.ActiveSpeakersChanged, (participants) => tell(participants.map(({ identity }) => identity)));
	room.on(RoomEvent.ParticipantDisconnected, ({ identity }) => tell([...speaking].filter((speaker) => speaker !== identity)));
	room.on(RoomEvent.Reconnecting, () => told.deaf());
	room.on(RoomEvent.Disconnected, () => {
		told.deaf();
		if (!closing) told.closed();
	});
	await room.connect(address.url, await listenerToken(address, roomId, `listener:${newId()}`), { autoSubscribe: false, dynacast: false });
	for (const participant of room.remoteParticipants.values()) for (const publication of participant.trackPublications.values()) subscribe(publication);

	return {
		async bytesHeard() {
			const { subscriberStats } = await room.getRtcStats();
			return subscriberStats.reduce((sum, { stats }) => sum + (stats.case === 'inboundRtp' ? Number(stats.value.inbound?.bytesReceived ?? 0) : 0), 0);
		},
		async close() {
			closing = true;
			told.deaf();
			await room.disconnect();
		}
	};
}

function subscribe(publication: RemoteTrackPublication): void {
	if (publication.source === TrackSource.SOURCE_MICROPHONE) publication.setSubscribed(true);
}

/** Asks the server to send nothing of a track. The SDK's own server bindings know how, its classes do not say so yet. */
function holdBack({ ffiHandle }: RemoteTrackPublication): void {
	const value = new EnableRemoteTrackPublicationRequest({ trackPublicationHandle: ffiHandle.handle, enabled: false });
	livekitFfiRequest(new FfiRequest({ message: { case: 'enableRemoteTrackPublication', value } }).toBinary());
}
