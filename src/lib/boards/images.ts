/** The largest side of a picture on a board, in pixels: sharp on every screen, and small enough to travel. */
const largestSide = 2_400;
/** Pictures up to this many bytes are kept as they are. */
const smallEnough = 1_500_000;

export interface Picture {
	readonly file: File;
	readonly width: number;
	readonly height: number;
}

/** A picture ready for a board, made smaller when it is larger than anybody sees; rejects when it is none. */
export async function preparePicture(file: File): Promise<Picture> {
	if (file.type === 'image/svg+xml') return { file, ...(await sizeOf(file)) };
	const bitmap = await createImageBitmap(file);
	try {
		const { width, height } = bitmap;
		const scale = Math.min(1, largestSide / Math.max(width, height));
		// An animation stays one.
		if ((scale === 1 && file.size <= smallEnough) || file.type === 'image/gif') return { file, width, height };
		return await redrawn(file, bitmap, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
	} finally {
		bitmap.close();
	}
}

async function redrawn(file: File, bitmap: ImageBitmap, width: number, height: number): Promise<Picture> {
	const canvas = new OffscreenCanvas(width, height);
	canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
	// What can be transparent stays so.
	const type = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp';
	const blob = await canvas.convertToBlob({ type, quality: 0.86 });
	return { file: new File([blob], file.name, { type: blob.type }), width, height };
}

async function sizeOf(file: File): Promise<{ width: number; height: number }> {
	const url = URL.createObjectURL(file);
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		return { width: image.naturalWidth || 400, height: image.naturalHeight || 300 };
	} finally {
		URL.revokeObjectURL(url);
	}
}

export function dataUrlOf(blob: Blob): Promise<string> {
	return new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result));
		reader.onerror = () => reject(reader.error);
		reader.readAsDataURL(blob);
	});
}

/** The content of a data URL; the security policy of the page lets nobody fetch one. */
export function fileFrom(dataUrl: string, name: string): File | null {
	const parts = /^data:([\w/+.-]+);base64,(.*)$/s.exec(dataUrl);
	if (!parts) return null;
	const [, type = '', base64 = ''] = parts;
	const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
	return new File([bytes], `${name}.${type.split('/')[1]?.replace(/\+.*/, '') ?? 'bin'}`, { type });
}
