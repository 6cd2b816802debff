import CornerDownRight from '@lucide/svelte/icons/corner-down-right';
import GitBranchPlus from '@lucide/svelte/icons/git-branch-plus';
import ListTree from '@lucide/svelte/icons/list-tree';
import Maximize from '@lucide/svelte/icons/maximize';
import Minus from '@lucide/svelte/icons/minus';
import Palette from '@lucide/svelte/icons/palette';
import Pencil from '@lucide/svelte/icons/pencil';
import Plus from '@lucide/svelte/icons/plus';
import Redo2 from '@lucide/svelte/icons/redo-2';
import Spline from '@lucide/svelte/icons/spline';
import Trash2 from '@lucide/svelte/icons/trash-2';
import Undo2 from '@lucide/svelte/icons/undo-2';
import UnfoldHorizontal from '@lucide/svelte/icons/unfold-horizontal';
import { m } from '#lib/i18n/generated/messages.js';
import type { Tool } from '#lib/ui/toolbar.ts';
import type { MapDesk } from './desk.svelte.ts';
import { branchColors } from './document.ts';

/** What the canvas offers beside the acts on nodes. */
export interface View {
	fit(): void;
	zoom(by: 1 | -1): void;
	outline: boolean;
	toggleOutline(): void;
}

/** The buttons above the map, for what holds now. */
export function toolsOf(desk: MapDesk, view: View): Tool[][] {
	const none = desk.node === null;
	const acts: Tool[][] = [
		[
			{ label: m['maps.addChild'](), icon: GitBranchPlus, keys: 'Tab', run: () => desk.addChild() },
			{ label: m['maps.addSibling'](), icon: CornerDownRight, keys: 'Enter', run: () => desk.addSibling(), disabled: none },
			{ label: m['maps.edit'](), icon: Pencil, keys: 'F2', run: () => desk.edit(), disabled: none },
			{ label: m['maps.remove'](), icon: Trash2, keys: 'Delete', run: () => desk.remove(), disabled: none }
		],
		[
			{ label: m['maps.link'](), icon: Spline, run: () => (desk.linking = !desk.linking), pressed: desk.linking, disabled: none },
			{ label: m['maps.color'](), icon: Palette, run: () => desk.paint(nextColor(desk)), disabled: none }
		],
		[
			{ label: m['maps.undo'](), icon: Undo2, keys: 'Ctrl+Z', run: () => desk.undo(), disabled: !desk.canUndo },
			{ label: m['maps.redo'](), icon: Redo2, keys: 'Ctrl+Y', run: () => desk.redo(), disabled: !desk.canRedo }
		]
	];
	const views: Tool[] = [
		{
			label: m['maps.bothSides'](),
			icon: UnfoldHorizontal,
			run: () => (desk.growth = desk.growth === 'both' ? 'right' : 'both'),
			pressed: desk.growth === 'both',
			disabled: view.outline
		},
		{ label: m['maps.outline'](), icon: ListTree, run: () => view.toggleOutline(), pressed: view.outline },
		{ label: m['maps.fit'](), icon: Maximize, run: () => view.fit(), disabled: view.outline },
		{ label: m['maps.zoomOut'](), icon: Minus, run: () => view.zoom(-1), disabled: view.outline },
		{ label: m['maps.zoomIn'](), icon: Plus, run: () => view.zoom(1), disabled: view.outline }
	];
	return desk.writable ? [...acts, views] : [views];
}

function nextColor(desk: MapDesk) {
	const now = branchColors.indexOf(desk.colorOf(desk.selected ?? ''));
	return branchColors[(now + 1) % branchColors.length] ?? null;
}
