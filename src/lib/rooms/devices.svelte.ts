/** Why a device does not work, as far as the browser tells; each has a sentence. */
export type DeviceTrouble = 'denied' | 'missing' | 'busy' | 'insecure' | 'unknown';

/** What a person wants to bring into a call; remembered by the browser. */
export interface DeviceChoice {
	microphone: boolean;
	camera: boolean;
	/** Ids of devices; null is the system's own choice. */
	microphoneId: string | null;
	cameraId: string | null;
}

/** One source of a call on this machine. */
export type DeviceKind = 'microphone' | 'camera';

export type DeviceState = 'off' | 'asking' | 'on' | DeviceTrouble;

export interface DeviceName {
	id: string;
	name: string;
}

const memory = 'space.devices';
const standard: DeviceChoice = { microphone: true, camera: true, microphoneId: null, cameraId: null };

/** What a person chose last time. */
export function rememberedChoice(): DeviceChoice {
	try {
		return { ...standard, ...(JSON.parse(localStorage.getItem(memory) ?? '{}') as Partial<DeviceChoice>) };
	} catch {
		return standard;
	}
}

export function rememberChoice(choice: DeviceChoice): void {
	try {
		localStorage.setItem(memory, JSON.stringify(choice));
	} catch {
		// A browser that keeps nothing asks again next time.
	}
}

/** Why a device could not be opened. */
export function troubleOf(error: unknown): DeviceTrouble {
	if (!navigator.mediaDevices) return 'insecure';
	const name = error instanceof Error ? error.name : '';
	if (['NotAllowedError', 'SecurityError', 'PermissionDeniedError'].includes(name)) return 'denied';
	if (['NotFoundError', 'OverconstrainedError', 'DevicesNotFoundError'].includes(name)) return 'missing';
	if (['NotReadableError', 'AbortError', 'TrackStartError', 'DeviceInUse'].includes(name)) return 'busy';
	return 'unknown';
}

/** The microphone and camera before a call: opened to look and listen on this machine only. */
export class Devices {
	choice = $state.raw<DeviceChoice>(standard);
	microphone = $state<DeviceState>('off');
	camera = $state<DeviceState>('off');
	microphones = $state.raw<DeviceName[]>([]);
	cameras = $state.raw<DeviceName[]>([]);
	/** The camera's picture, for a video element. */
	picture = $state.raw<MediaStream | null>(null);
	/** Loudness of the microphone, 0 to 1. */
	level = $state(0);
	readonly #streams: Record<DeviceKind, MediaStream | null> = { microphone: null, camera: null };
	#audio: AudioContext | undefined;
	#frame = 0;
	#closed = false;

	/** Opens what was chosen last time. */
	async open(): Promise<void> {
		this.choice = rememberedChoice();
		navigator.mediaDevices?.addEventListener('devicechange', this.#list);
		await Promise.all([this.choice.microphone && this.#start('microphone'), this.choice.camera && this.#start('camera')]);
		await this.#list();
	}

	close(): void {
		this.#closed = true;
		navigator.mediaDevices?.removeEventListener('devicechange', this.#list);
		this.#stop('microphone');
		this.#stop('camera');
	}

	/** Turns a device on or off. */
	async turn(kind: DeviceKind, on: boolean): Promise<void> {
		this.#choose({ [kind]: on });
		if (!on) return this.#stop(kind);
		await this.#start(kind);
		await this.#list();
	}

	/** Takes another device of a kind. */
	async take(kind: DeviceKind, id: string | null): Promise<void> {
		this.#choose(kind === 'camera' ? { cameraId: id, camera: true } : { microphoneId: id, microphone: true });
		this.#stop(kind);
		await this.#start(kind);
	}

	#choose(change: Partial<DeviceChoice>): void {
		this.choice = { ...this.choice, ...change };
		rememberChoice(this.choice);
	}

	async #start(kind: DeviceKind): Promise<void> {
		this[kind] = 'asking';
		const id = kind === 'camera' ? this.choice.cameraId : this.choice.microphoneId;
		const wanted = id ? { deviceId: { exact: id } } : true;
		try {
			const stream = await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: wanted } : { audio: wanted });
			// Turned off, or the page left, while the browser asked.
			if (this.#closed || !this.choice[kind]) return end(stream);
			this.#streams[kind] = stream;
			this[kind] = 'on';
			if (kind === 'camera') this.picture = stream;
			else this.#measure(stream);
		} catch (error) {
			this[kind] = troubleOf(error);
		}
	}

	#stop(kind: DeviceKind): void {
		end(this.#streams[kind]);
		this.#streams[kind] = null;
		this[kind] = 'off';
		if (kind === 'camera') this.picture = null;
		else this.#unmeasure();
	}

	#measure(stream: MediaStream): void {
		this.#unmeasure();
		const audio = new AudioContext();
		this.#audio = audio;
		const analyser = new AnalyserNode(audio, { fftSize: 1024 });
		audio.createMediaStreamSource(stream).connect(analyser);
		const samples = new Float32Array(analyser.fftSize);
		const look = () => {
			analyser.getFloatTimeDomainData(samples);
			const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
			// −60 dB is silence, −10 dB is loud.
			this.level = Math.max(0, Math.min(1, (20 * Math.log10(loudness + 1e-6) + 60) / 50));
			this.#frame = requestAnimationFrame(look);
		};
		look();
	}

	#unmeasure(): void {
		cancelAnimationFrame(this.#frame);
		void this.#audio?.close();
		this.#audio = undefined;
		this.level = 0;
	}

	readonly #list = async (): Promise<void> => {
		const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
		const named = (kind: MediaDeviceKind) =>
			devices
				.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== 'default')
				.map(({ deviceId, label }) => ({ id: deviceId, name: label }));
		this.microphones = named('audioinput');
		this.cameras = named('videoinput');
	};
}

function end(stream: MediaStream | null): void {
	for (const track of stream?.getTracks() ?? []) track.stop();
}
