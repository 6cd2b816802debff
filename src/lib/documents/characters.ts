/** Code points, so that a Chinese character and an emoji count as one each. */
export const charactersIn = (text: string): number => {
	let count = 0;
	for (const _ of text) count++;
	return count;
};
