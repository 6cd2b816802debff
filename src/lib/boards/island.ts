import {
	CaptureUpdateAction,
	convertToExcalidrawElements,
	Excalidraw,
	MainMenu,
	viewportCoordsToSceneCoords,
	zoomToFitBounds
} from '@excalidraw/excalidraw';
import type { OrderedExcalidrawElement } from '@excalidraw/excalidraw/element/types';
import type {
	AppState,
	BinaryFileData,
	BinaryFiles,
	Collaborator,
	ExcalidrawImperativeAPI,
	ExcalidrawProps,
	SocketId,
	UserToFollow
} from '@excalidraw/excalidraw/types';
import '@excalidraw/excalidraw/index.css';
import { Component, createElement } from 'react';
import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import type { Drawn } from './properties.ts';
import type { Canvas } from './scene.ts';

/** The only file that knows Excalidraw and React; loaded when a board opens. */

export interface Look {
	readonly theme: 'light' | 'dark';
	readonly language: string;
	readonly title: string;
	/** What the menu is called, which shows but a sign. */
	readonly menu: string;
	/** One may look, and not draw. */
	readonly viewOnly: boolean;
}

export interface Events {
	/** Anything on the screen is other than before. */
	onchange(state: AppState, files: BinaryFiles): void;
	onpointer(pointer: { x: number; y: number; laser: boolean; down: boolean }): void;
	onfollow(client: number | null): void;
	/** It is there and may be filled. */
	onready(): void;
	/** It came to its end by a fault of its own. */
	onfault(error: unknown): void;
}

/** A person as the canvas shows them. */
export interface Shown {
	readonly client: number;
	readonly id: string;
	readonly name: string;
	readonly at: readonly [x: number, y: number] | undefined;
	readonly laser: boolean;
	readonly down: boolean;
	readonly selected: readonly string[];
}

class Guard extends Component<{ onfault: (error: unknown) => void; children?: ReactNode }, { failed: boolean }> {
	override state = { failed: false };
	static getDerivedStateFromError() {
		return { failed: true };
	}
	override componentDidCatch(error: unknown) {
		this.props.onfault(error);
	}
	override render() {
		return this.state.failed ? null : this.props.children;
	}
}

/** Excalidraw on an element of the page. */
export class Island implements Canvas {
	readonly #root: ReturnType<typeof createRoot>;
	readonly #events: Events;
	readonly #target: HTMLElement;
	#api: ExcalidrawImperativeAPI | null = null;
	#ready = false;

	constructor(target: HTMLElement, look: Look, events: Events, pen: { ink: string }) {
		this.#events = events;
		this.#target = target;
		this.#root = createRoot(target);
		this.#initial = {
			appState: {
				currentItemStrokeColor: pen.ink,
				currentItemRoughness: 0,
				currentItemFillStyle: 'solid',
				showWelcomeScreen: false,
				viewBackgroundColor: '#ffffff'
			}
		};
		this.look(look);
		this.#names = new MutationObserver(() => this.#mendNames(look.menu));
		this.#names.observe(target, { childList: true, subtree: true });
	}
	readonly #names: MutationObserver;

	/** Excalidraw gives its menu no name to read out, and to the size of the view another one than it shows. */
	#mendNames(menu: string): void {
		this.#target.querySelector('.main-menu-trigger:not([aria-label])')?.setAttribute('aria-label', menu);
		this.#target.querySelector('.reset-zoom-button[aria-label]')?.removeAttribute('aria-label');
	}

	readonly #initial: NonNullable<ExcalidrawProps['initialData']>;

	look({ theme, language, title, viewOnly }: Look): void {
		const props: ExcalidrawProps = {
			excalidrawAPI: (api) => (this.#api = api),
			initialData: this.#initial,
			onChange: this.#onChange,
			onPointerUpdate: ({ pointer, button }) =>
				this.#events.onpointer({ x: pointer.x, y: pointer.y, laser: pointer.tool === 'laser', down: button === 'down' }),
			isCollaborating: true,
			langCode: language,
			theme,
			name: title,
			viewModeEnabled: viewOnly,
			validateEmbeddable: false,
			aiEnabled: false,
			handleKeyboardGlobally: false,
			UIOptions: {
				canvasActions: {
					changeViewBackgroundColor: false,
					clearCanvas: false,
					export: { saveFileToDisk: true },
					loadScene: false,
					saveToActiveFile: false,
					toggleTheme: false,
					saveAsImage: true
				}
			}
		};
		const { SaveAsImage, Export, SearchMenu, Help } = MainMenu.DefaultItems;
		const menu = createElement(
			MainMenu,
			null,
			createElement(SaveAsImage),
			createElement(Export),
			createElement(SearchMenu),
			createElement(Help)
		);
		this.#root.render(
			createElement(Guard, { onfault: (error) => this.#events.onfault(error) }, createElement(Excalidraw, props, menu))
		);
	}

	close(): void {
		this.#ready = false;
		this.#names.disconnect();
		this.#root.unmount();
	}

	readonly #onChange = (_elements: readonly OrderedExcalidrawElement[], state: AppState, files: BinaryFiles) => {
		if (state.isLoading || !this.#api) return;
		if (!this.#ready) {
			this.#ready = true;
			this.#api.onUserFollow(({ userToFollow, action }) =>
				this.#events.onfollow(action === 'FOLLOW' ? Number(userToFollow.socketId) : null)
			);
			this.#events.onready();
		}
		this.#events.onchange(state, files);
	};

	get state(): AppState | null {
		return this.#ready ? (this.#api?.getAppState() ?? null) : null;
	}

	elements(): readonly Drawn[] {
		return (this.#api?.getSceneElementsIncludingDeleted() ?? []) as unknown as Drawn[];
	}

	show(elements: Drawn[]): void {
		for (const element of elements) element.versionNonce ||= Math.floor(Math.random() * 2 ** 31);
		this.#api?.updateScene({ elements: elements as never, captureUpdate: CaptureUpdateAction.NEVER });
	}

	showPeople(people: readonly Shown[]): void {
		const collaborators = new Map<SocketId, Collaborator>(
			people.map(({ client, id, name, at, laser, down, selected }) => [
				String(client) as SocketId,
				{
					id,
					socketId: String(client) as SocketId,
					username: name,
					button: down ? 'down' : 'up',
					pointer: at ? { x: at[0], y: at[1], tool: laser ? 'laser' : 'pointer' } : undefined,
					selectedElementIds: Object.fromEntries(selected.map((each) => [each, true as const]))
				}
			])
		);
		this.#api?.updateScene({ collaborators });
	}

	files(): BinaryFiles {
		return this.#api?.getFiles() ?? {};
	}

	addFile(id: string, type: string, dataUrl: string): void {
		const file = { id, mimeType: type, dataURL: dataUrl, created: Date.now() } as BinaryFileData;
		this.#api?.addFiles([file]);
	}

	/** New elements as a hand would make them, in front of all others or behind them; selects them unless they are locked. */
	insert(parts: readonly Record<string, unknown>[], behind = false): void {
		const made = convertToExcalidrawElements(parts as never, { regenerateIds: true });
		const now = this.#api?.getSceneElementsIncludingDeleted() ?? [];
		const selected = made.filter(({ locked }) => !locked).map(({ id }) => [id, true as const]);
		// What comes next finds it selected.
		flushSync(() =>
			this.#api?.updateScene({
				elements: (behind ? [...made, ...now] : [...now, ...made]) as never,
				appState: { selectedElementIds: Object.fromEntries(selected) },
				captureUpdate: CaptureUpdateAction.IMMEDIATELY
			})
		);
	}

	/** Opens the text of what is selected, as Enter does. */
	write(): void {
		const container = this.#target.querySelector<HTMLElement>('.excalidraw');
		container?.focus();
		container?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
	}

	/** What one sees of the board: left, top, right, bottom. */
	view(): [number, number, number, number] {
		const { scrollX, scrollY, zoom, width, height } = this.#api!.getAppState();
		return [-scrollX, -scrollY, -scrollX + width / zoom.value, -scrollY + height / zoom.value];
	}

	pointAt(clientX: number, clientY: number): { x: number; y: number } {
		return viewportCoordsToSceneCoords({ clientX, clientY }, this.#api!.getAppState());
	}

	/** Looks where somebody else looks. */
	lookAt(bounds: readonly [number, number, number, number]): void {
		const appState = this.#api?.getAppState();
		if (!appState) return;
		const next = zoomToFitBounds({ bounds: [...bounds], appState, fitToViewport: true, viewportZoomFactor: 1 }).appState;
		this.#api?.updateScene({ appState: next });
	}

	/** Everything, when one comes in. */
	lookAtAll(): void {
		this.#api?.scrollToContent(undefined, { fitToViewport: false, fitToContent: true, minZoom: 0.25, maxZoom: 1 } as never);
	}

	follow(person: { client: number; name: string } | null): void {
		const userToFollow: UserToFollow | null = person
			? { socketId: String(person.client) as SocketId, username: person.name }
			: null;
		this.#api?.updateScene({ appState: { userToFollow } });
	}

	/** Takes a tool, as a click on it would. */
	take(tool: 'selection' | 'laser' | 'freedraw'): void {
		this.#api?.setActiveTool({ type: tool });
	}
}
