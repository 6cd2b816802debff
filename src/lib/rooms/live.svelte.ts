import { liveClose, livePulse } from './model.ts';
import type { GroupsNow, Inside, LiveEvent, RoomState } from './model.ts';

/** `waiting` is before the door; the last four are for good, until one asks to come in again. */
export type LiveState = 'connecting' | 'connected' | 'reconnecting' | 'waiting' | 'removed' | 'refused' | 'locked' | 'ended';

/** Codes with which a channel closes and does not come back by itself. */
const farewells: ReadonlyMap<number, LiveState> = new Map([
	[liveClose.removed, 'removed'],
	[liveClose.refused, 'refused'],
	[liveClose.locked, 'locked'],
	[liveClose.ended, 'ended']
]);

/** What a live channel needs from its page. */
interface LiveDeps {
	/** Something on the table changed: read it again. */
	changed: () => void;
	/** Something was said about a document; null: anything may have been, while the line was cut. */
	commented: (change: { documentId: string; threadId: string } | null) => void;
	/** Something is asked, or is no longer, or was answered. */
	asked: () => void;
	/** A recording began or ended, or somebody said yes or no to it. */
	recorded: () => void;
	/** Something was put in front of people, collected or handed back. */
	handed: () => void;
	/** A page of slides is shown; null: anything about slides may have changed. */
	shown: (show: Extract<LiveEvent, { kind: 'slides' }>['show']) => void;
	/** Somebody was understood, or the notes of the session were opened. */
	noted: () => void;
	/** A step of the lesson's plan began or ended. */
	stepped: () => void;
	/** Something to do changed; null: anything may have. */
	planned: (taskId: string | null) => void;
}

/**
 * One screen's live channel of a room: made in the page, one is inside while it is open. It comes back by
 * itself after a cut, and stays away when the room says that one must go.
 */
export class RoomLive {
	state = $state<LiveState>('connecting');
	inside = $state.raw<Inside[]>([]);
	/** What holds in the room and who may do what; null until the room has told. */
	room = $state.raw<RoomState | null>(null);
	/** In a group: the groups at work in the room above; undefined where there is none, or no session. */
	above = $state.raw<GroupsNow | null | undefined>(undefined);
	/** What somebody who leads said when one was sent back or out. */
	message = $state('');
	/** Somebody who leads sent one back or out; otherwise it is the right that ended. */
	sentBack = $state(false);
	readonly #address: string;
	readonly #deps: LiveDeps;
	#socket: WebSocket | undefined;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#wait = 500;
	#heardAt = 0;
	readonly #watch: ReturnType<typeof setInterval>;
	#closed = false;
	/** Was sent away, and asked to come in again. */
	#away = false;

	constructor(roomId: string, inside: Inside[], deps: LiveDeps) {
		this.#address = `${location.origin.replace(/^http/, 'ws')}/live/${roomId}`;
		this.#deps = deps;
		this.inside = inside;
		this.#open();
		this.#watch = setInterval(() => this.#look(), livePulse);
		addEventListener('online', this.#now);
		addEventListener('offline', this.#drop);
	}

	/** The page ends; one is still inside for a moment, in case it only reloads. */
	close(): void {
		this.#end(1000);
	}

	/** Leave the room, now. */
	leave(): void {
		this.#end(liveClose.left);
	}

	#end(code: number): void {
		this.#closed = true;
		clearTimeout(this.#retry);
		clearInterval(this.#watch);
		removeEventListener('online', this.#now);
		removeEventListener('offline', this.#drop);
		this.#socket?.close(code);
	}

	/** A line may be dead without a word: three pulses missed are the end of it. */
	#look(): void {
		if ((this.state === 'connected' || this.state === 'waiting') && Date.now() - this.#heardAt > 3 * livePulse) this.#drop();
	}

	/** Lets go of the socket without waiting for a line that may be dead to say goodbye. */
	readonly #drop = () => {
		if (!['connected', 'connecting', 'waiting'].includes(this.state)) return;
		const socket = this.#socket;
		this.#socket = undefined;
		socket?.close();
		this.#comeBack();
	};

	#comeBack(): void {
		this.state = 'reconnecting';
		clearTimeout(this.#retry);
		this.#retry = setTimeout(() => this.#open(), this.#wait * (0.5 + Math.random()));
		// At most three seconds after the line is there again, and not everybody at once.
		this.#wait = Math.min(this.#wait * 2, 2_000);
	}

	/** The network is back: no need to wait any longer. */
	readonly #now = () => {
		if (this.state !== 'reconnecting') return;
		clearTimeout(this.#retry);
		this.#open();
	};

	#open(): void {
		const socket = new WebSocket(this.#address);
		this.#socket = socket;
		socket.addEventListener('message', ({ data }) => {
			if (socket === this.#socket) this.#hear(JSON.parse(String(data)) as LiveEvent);
		});
		socket.addEventListener('close', ({ code }) => {
			if (socket !== this.#socket || this.#closed) return;
			const farewell = farewells.get(code);
			if (farewell) this.#stay(farewell);
			else this.#comeBack();
		});
	}

	/** Out, and not coming back by itself. */
	#stay(farewell: LiveState): void {
		this.state = farewell;
		this.room = null;
	}

	/** Asks to come in again. */
	again(): void {
		if (![...farewells.values()].includes(this.state)) return;
		this.message = '';
		this.#away = true;
		this.state = 'connecting';
		this.#open();
	}

	#hear(event: LiveEvent): void {
		this.#heardAt = Date.now();
		if (event.kind === 'removed') {
			this.message = event.message ?? '';
			this.sentBack = event.message !== null;
			this.#stay('removed');
		}
		if (event.kind === 'above') this.above = event.groups;
		if (event.kind === 'ended') this.#stay('ended');
		if (event.kind === 'waiting') {
			this.message = event.message;
			this.sentBack = event.sentBack;
			this.room = null;
			this.state = 'waiting';
			this.#wait = 500;
		}
		if (event.kind === 'changed') this.#deps.changed();
		if (event.kind === 'round') this.#deps.asked();
		if (event.kind === 'recording') this.#deps.recorded();
		if (event.kind === 'handout') this.#deps.handed();
		if (event.kind === 'slides') this.#deps.shown(event.show);
		if (event.kind === 'captions') this.#deps.noted();
		if (event.kind === 'sheet') this.#deps.stepped();
		if (event.kind === 'comments') this.#deps.commented(event);
		if (event.kind === 'project') this.#deps.planned(event.taskId);
		if (event.kind === 'state') {
			// Cut off, before the door or sent away one heard nothing of the room: all of it is looked at anew.
			if (this.state === 'reconnecting' || this.state === 'waiting' || this.#away) {
				this.#away = false;
				this.#deps.commented(null);
				this.#deps.planned(null);
				this.#deps.asked();
				this.#deps.recorded();
				this.#deps.handed();
				this.#deps.shown(null);
				this.#deps.noted();
				this.#deps.stepped();
			}
			this.state = 'connected';
			this.#wait = 500;
			this.room = event.state;
			this.inside = event.state.people;
		}
	}
}
