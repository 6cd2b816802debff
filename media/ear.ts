import { EnableRemoteTrackPublicationRequest, FfiRequest, livekitFfiRequest } from '@livekit/rtc-ffi-bindings';
import { Room, RoomEvent, TrackSource } from '@livekit/rtc-node';
import type { RemoteTrackPublication } from '@livekit/rtc-node';
import { newId } from '#lib/ids.ts';
import { listenerToken } from './livekit.ts';
import type { MediaAddress } from './livekit.ts';

export interface EarTold {
	/** Whether the person speaks now; told whenever it changes. */
	speaks(now: boolean): void;
	/** The connection ended, and not because it was closed. */
	lost(): void;
}

export interface Ear {
	/** Bytes of sound that have come in; next to none should. */
	bytesHeard(): Promise<number>;
	close(): Promise<void>;
}

/**
 * Hears when one person speaks, never what. LiveKit tells who speaks only to those who subscribe to the
 * speaker, so an ear subscribes to the microphone and at once has its sound held back at the server; what
 * slips through before (well under a second) is never decoded. One ear a person: LiveKit tells of changes
 * only, and the SDK hands on the speakers among the changed, so that on one connection it cannot be known
 * which of two speakers fell silent.
 */
export async function openEar(address: MediaAddress, roomId: string, personId: string, told: EarTold): Promise<Ear> {
	const room = await joinUnseen(address, roomId, told.lost, (joining) => {
		joining.on(RoomEvent.TrackPublished, (publication, { identity }) => identity === personId && subscribe(publication));
		joining.on(RoomEvent.TrackSubscribed, (_track, publication) => holdBack(publication));
		joining.on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
			told.speaks(speakers.some(({ identity }) => identity === personId))
		);
	});
	for (const publication of room.remoteParticipants.get(personId)?.trackPublications.values() ?? []) subscribe(publication);
	return {
		async bytesHeard() {
			const { publisherStats, subscriberStats } = await room.getRtcStats();
			return [...publisherStats, ...subscriberStats].reduce(
				(sum, { stats }) => sum + (stats.case === 'inboundRtp' ? Number(stats.value.inbound?.bytesReceived ?? 0) : 0),
				0
			);
		},
		close: () => leaveUnseen(room)
	};
}

export interface UsherTold {
	/** Someone has a microphone in the call. */
	arrived(personId: string): void;
	left(personId: string): void;
	/** The call ended, or the connection did. */
	lost(): void;
}

export interface Usher {
	/** Identities of all who are in the call. */
	present(): string[];
	close(): Promise<void>;
}

/** Sees, unseen, who brings a microphone into a call and who leaves it. */
export async function openUsher(address: MediaAddress, roomId: string, told: UsherTold): Promise<Usher> {
	const room = await joinUnseen(address, roomId, told.lost, (joining) => {
		joining.on(RoomEvent.TrackPublished, ({ source }, { identity }) => isMicrophone(source) && told.arrived(identity));
		joining.on(RoomEvent.ParticipantDisconnected, ({ identity }) => told.left(identity));
	});
	for (const { identity, trackPublications } of room.remoteParticipants.values()) {
		if ([...trackPublications.values()].some(({ source }) => isMicrophone(source))) told.arrived(identity);
	}
	return { present: () => [...room.remoteParticipants.keys()], close: () => leaveUnseen(room) };
}

/** Joins a call as nobody. A connection that is cut is given up at once: whoever listens makes a new one. */
async function joinUnseen(address: MediaAddress, roomId: string, lost: () => void, prepare: (room: Room) => void): Promise<Room> {
	const room = new Room();
	prepare(room);
	room.once(RoomEvent.Reconnecting, () => {
		if (ended.has(room)) return;
		void leaveUnseen(room);
		lost();
	});
	room.once(RoomEvent.Disconnected, () => {
		if (ended.has(room)) return;
		ended.add(room);
		lost();
	});
	await room.connect(address.url, await listenerToken(address, roomId, `listener:${newId()}`), {
		autoSubscribe: false,
		dynacast: false
	});
	return room;
}

/** Connections that were ended here, or have told that they ended. */
const ended = new WeakSet<Room>();

async function leaveUnseen(room: Room): Promise<void> {
	if (ended.has(room)) return;
	ended.add(room);
	await room.disconnect();
}

const isMicrophone = (source: TrackSource | undefined): boolean => source === TrackSource.SOURCE_MICROPHONE;

/** The sound of a shared screen is nobody's speech. */
function subscribe(publication: RemoteTrackPublication): void {
	if (isMicrophone(publication.source)) publication.setSubscribed(true);
}

/** Asks the server to send nothing of a track. The SDK's bindings know how; its classes do not offer it yet. */
function holdBack({ ffiHandle }: RemoteTrackPublication): void {
	const value = new EnableRemoteTrackPublicationRequest({ trackPublicationHandle: ffiHandle.handle, enabled: false });
	livekitFfiRequest(new FfiRequest({ message: { case: 'enableRemoteTrackPublication', value } }).toBinary());
}
