/** A number of bytes as people read it, such as 2.4 MB. */
export function sizeOf(bytes: number | null): string {
	if (bytes === null) return '';
	const units = ['B', 'KB', 'MB', 'GB', 'TB'];
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
	const number = bytes / 1024 ** power;
	return `${power === 0 ? number : number.toFixed(number < 10 ? 1 : 0)} ${units[power]}`;
}
