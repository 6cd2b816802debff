import Brackets from '@lucide/svelte/icons/brackets';
import ChevronsDownUp from '@lucide/svelte/icons/chevrons-down-up';
import ChevronsUpDown from '@lucide/svelte/icons/chevrons-up-down';
import CornerDownRight from '@lucide/svelte/icons/corner-down-right';
import FileDown from '@lucide/svelte/icons/file-down';
import GitBranchPlus from '@lucide/svelte/icons/git-branch-plus';
import ListTree from '@lucide/svelte/icons/list-tree';
import Maximize from '@lucide/svelte/icons/maximize';
import Minus from '@lucide/svelte/icons/minus';
import Network from '@lucide/svelte/icons/network';
import Pencil from '@lucide/svelte/icons/pencil';
import Plus from '@lucide/svelte/icons/plus';
import Redo2 from '@lucide/svelte/icons/redo-2';
import Search from '@lucide/svelte/icons/search';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Spline from '@lucide/svelte/icons/spline';
import SquareDashed from '@lucide/svelte/icons/square-dashed';
import Trash2 from '@lucide/svelte/icons/trash-2';
import Undo2 from '@lucide/svelte/icons/undo-2';
import { m } from '#lib/i18n/generated/messages.js';
import type { Tool } from '#lib/ui/toolbar.ts';
import type { MapDesk } from './desk.svelte.ts';
import { countBelow } from './paint.ts';

export type PanelName = 'node' | 'view' | 'file';

/** What the page offers beside the acts on nodes. */
export interface View {
	fit(): void;
	zoom(by: 1 | -1): void;
	outline: boolean;
	toggleOutline(): void;
	panel: PanelName | null;
	togglePanel(panel: PanelName): void;
}

/** What can be done to the node that is selected. */
function actsOf(desk: MapDesk): [branches: [child: Tool, sibling: Tool, edit: Tool, remove: Tool], relations: Tool[]] {
	const none = desk.node === null;
	return [
		[
			{ label: m['maps.addChild'](), icon: GitBranchPlus, keys: 'Tab', run: () => desk.addChild() },
			{ label: m['maps.addSibling'](), icon: CornerDownRight, keys: 'Enter', run: () => desk.addSibling(), disabled: none },
			{ label: m['maps.edit'](), icon: Pencil, keys: 'F2', run: () => desk.edit(), disabled: none },
			{ label: m['maps.remove'](), icon: Trash2, keys: 'Delete', run: () => desk.remove(), disabled: none }
		],
		[
			{ label: m['maps.link'](), icon: Spline, run: () => (desk.linking = !desk.linking), pressed: desk.linking, disabled: none },
			{ label: m['maps.summary'](), icon: Brackets, run: () => desk.summarize(), disabled: !desk.canSum },
			{
				label: m['maps.frame'](),
				icon: SquareDashed,
				run: () => desk.toggleFrame(),
				pressed: desk.node?.frame !== null && !none,
				disabled: !desk.canSum
			}
		]
	];
}

/** The menu of the node that is selected, which may be folded; of what cannot be done now, nothing. */
export function nodeMenuOf(desk: MapDesk, showDetails: () => void): Tool[] {
	const { node } = desk;
	if (!desk.writable || !node) return [];
	const [[child, sibling, edit, remove], relations] = actsOf(desk);
	const fold: Tool = {
		label: node.collapsed ? m['maps.unfold']({ count: countBelow(node) }) : m['maps.fold'](),
		icon: node.collapsed ? ChevronsUpDown : ChevronsDownUp,
		keys: 'Ctrl+/',
		run: () => desk.toggleFold(),
		disabled: node.children.length === 0
	};
	const details: Tool = { label: m['maps.details'](), icon: SlidersHorizontal, run: showDetails };
	return [child, sibling, edit, fold, ...relations, details, remove].filter(({ disabled }) => !disabled);
}

/** The buttons above the map, for what holds now. */
export function toolsOf(desk: MapDesk, view: View): Tool[][] {
	const none = desk.node === null;
	const acts: Tool[][] = [
		...actsOf(desk),
		[
			{ label: m['maps.undo'](), icon: Undo2, keys: 'Ctrl+Z', run: () => desk.undo(), disabled: !desk.canUndo },
			{ label: m['maps.redo'](), icon: Redo2, keys: 'Ctrl+Y', run: () => desk.redo(), disabled: !desk.canRedo }
		]
	];
	const panels: Tool[] = [
		...(desk.writable
			? [
					{
						label: m['maps.details'](),
						icon: SlidersHorizontal,
						run: () => view.togglePanel('node'),
						pressed: view.panel === 'node',
						disabled: none
					}
				]
			: []),
		{ label: m['maps.look'](), icon: Network, run: () => view.togglePanel('view'), pressed: view.panel === 'view' },
		{ label: m['maps.file'](), icon: FileDown, run: () => view.togglePanel('file'), pressed: view.panel === 'file' }
	];
	const views: Tool[] = [
		{ label: m['maps.outline'](), icon: ListTree, run: () => view.toggleOutline(), pressed: view.outline },
		{
			label: m['maps.search'](),
			icon: Search,
			keys: 'Ctrl+F',
			run: () => (desk.searching = !desk.searching),
			pressed: desk.searching
		},
		{ label: m['maps.fit'](), icon: Maximize, run: () => view.fit(), disabled: view.outline },
		{ label: m['maps.zoomOut'](), icon: Minus, run: () => view.zoom(-1), disabled: view.outline },
		{ label: m['maps.zoomIn'](), icon: Plus, run: () => view.zoom(1), disabled: view.outline }
	];
	return desk.writable ? [...acts, panels, views] : [panels, views];
}
