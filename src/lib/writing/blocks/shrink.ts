/** A photograph is kept no larger than a screen shows it, in pixels of its longer side. */
const longestSide = 2560;
const quality = 0.86;
/** Smaller ones are sent as they are, in bytes. */
const small = 300 * 1024;

/**
 * A photograph as it is sent: of the size of a screen, upright, and without what the telephone wrote into it, such as
 * the place where it was taken. Everything that is no photograph, or cannot be read here, is sent as it is.
 */
export async function shrunk(file: File): Promise<File> {
	if (file.type !== 'image/jpeg' || file.size < small) return file;
	try {
		const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
		const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height));
		const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
		canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
		picture.close();
		const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
		return blob.type === 'image/jpeg' ? new File([blob], file.name, { type: blob.type, lastModified: file.lastModified }) : file;
	} catch {
		return file;
	}
}
