import { join } from 'node:path';
import { prepareFfmpeg } from '../../bin/servers/tools.ts';
import { toolsFolder } from './settings.ts';

/** The ffmpeg of this machine, or the one that the space installs; there after `npm test` has prepared the tools. */
export async function findFfmpeg(): Promise<string> {
	const tool = await prepareFfmpeg({ folder: toolsFolder, logFolder: join(toolsFolder, 'logs') });
	if ('missing' in tool) throw new Error(tool.missing);
	return tool.path;
}
