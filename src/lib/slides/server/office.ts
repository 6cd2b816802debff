import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { DeckTrouble } from '../model.ts';

/** What all parts of a file may be together when they are unpacked, in bytes; a bomb says gigabytes. */
const heaviest = 1024 * 1024 * 1024;
/** How many parts it may have. */
const mostParts = 20_000;

/** Why a file of slides is not even given to the converter; null: it may be tried. Reads its table of parts, not the parts. */
export async function lookAtOffice(path: string): Promise<DeckTrouble | null> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		const head = await read(file, 0, Math.min(size, 8));
		if (head.toString('latin1').startsWith('PK\x03\x04')) return await lookAtZip(file, size);
		if (head.toString('hex') === 'd0cf11e0a1b11ae1') return await lookAtCompound(file, size);
		return 'broken';
	} finally {
		await file.close();
	}
}

async function read(file: FileHandle, from: number, length: number): Promise<Buffer> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
	return buffer.subarray(0, bytesRead);
}

/** A zip file (ISO/IEC 21320-1): its central directory says how large each part is when unpacked. */
async function lookAtZip(file: FileHandle, size: number): Promise<DeckTrouble | null> {
	const tail = await read(file, Math.max(0, size - 65_557), Math.min(size, 65_557));
	const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
	if (end < 0 || end + 22 > tail.length) return 'broken';
	const [parts, length, start] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
	if (parts > mostParts) return 'tooHeavy';
	if (length > 8 * 1024 * 1024 || start + length > size) return 'broken';
	const table = await read(file, start, length);
	let weight = 0;
	let slides = false;
	for (let at = 0; at + 46 <= table.length;) {
		if (table.readUInt32LE(at) !== 0x02014b50) return 'broken';
		const name = table.subarray(at + 46, at + 46 + table.readUInt16LE(at + 28)).toString();
		weight += table.readUInt32LE(at + 24);
		slides ||= name === 'ppt/presentation.xml' || name === 'content.xml';
		at += 46 + table.readUInt16LE(at + 28) + table.readUInt16LE(at + 30) + table.readUInt16LE(at + 32);
	}
	if (weight > heaviest) return 'tooHeavy';
	return slides ? null : 'broken';
}

/** A compound file ([MS-CFB]): slides before 2007, or newer ones behind a password; its names are in UTF-16. */
async function lookAtCompound(file: FileHandle, size: number): Promise<DeckTrouble | null> {
	const [package_, old] = [Buffer.from('EncryptedPackage', 'utf16le'), Buffer.from('PowerPoint Document', 'utf16le')];
	const step = 1024 * 1024;
	let found = false;
	for (let from = 0; from < size; from += step - 64) {
		const part = await read(file, from, step);
		if (part.includes(package_)) return 'locked';
		found ||= part.includes(old);
	}
	return found ? null : 'broken';
}
