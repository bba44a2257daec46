// A QR code (ISO/IEC 18004) of a short text: byte mode, error correction level M, versions 1 to 20.
// Made here, because the secret of a second factor must not go anywhere else to become a picture.

import { Matrix } from "./qrMatrix";
import { correction } from "./reedSolomon";

/** Correction codewords of a block, and blocks, by version from 1: table 9 of the standard, level M. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const BYTE_MODE = 0b0100;
const PADS = [0xec, 0x11];
const MASKS = 8;

/** The code as rows of modules, true: dark. Throws RangeError for a text that is too long (666 bytes). */
export function qrCode(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  const version = CORRECTION.findIndex((_, at) => bytes.length <= room(at + 1)) + 1;
  if (!version) throw new RangeError(`${bytes.length} bytes are too many for a QR code here`);
  const codewords = interleaved(dataCodewords(bytes, version), version);
  let best: Matrix | null = null;
  for (let mask = 0; mask < MASKS; mask++) {
    const matrix = new Matrix(version, codewords, mask);
    if (!best || matrix.penalty < best.penalty) best = matrix;
  }
  return best?.rows ?? [];
}

/** An SVG path of the dark modules, one square of 1 each, with the origin at the corner of the code. */
export function qrPath(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
}

/** Codewords of a version, those for correction too: modules that hold data, by eight. */
export function allCodewords(version: number): number {
  const size = 17 + 4 * version;
  const patterns = version < 2 ? 0 : Math.floor(version / 7) + 2;
  const alignment = version < 2 ? 0 : 25 * (patterns * patterns - 3) - 10 * (patterns - 2);
  const functions = 3 * 64 + 2 * 15 + 1 + 2 * (size - 16) + alignment + (version < 7 ? 0 : 36);
  return Math.floor((size * size - functions) / 8);
}

const correctionOf = (version: number): number => CORRECTION[version - 1] ?? 0;
const blocksOf = (version: number): number => BLOCKS[version - 1] ?? 0;
const dataRoom = (version: number): number =>
  allCodewords(version) - correctionOf(version) * blocksOf(version);
const countBits = (version: number): number => (version < 10 ? 8 : 16);
/** Bytes of text that a version takes. */
const room = (version: number): number => Math.floor((8 * dataRoom(version) - 4 - countBits(version)) / 8);

function dataCodewords(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >>> i) & 1);
  };
  put(BYTE_MODE, 4);
  put(bytes.length, countBits(version));
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, 8 * dataRoom(version) - bits.length));
  while (bits.length % 8) bits.push(0);
  const words: number[] = [];
  for (let i = 0; i < bits.length; i += 8) {
    words.push(bits.slice(i, i + 8).reduce((word, bit) => (word << 1) | bit, 0));
  }
  for (let i = 0; words.length < dataRoom(version); i++) words.push(PADS[i % 2] ?? 0);
  return words;
}

/** Data and correction of all blocks, one codeword of each block after the other. */
function interleaved(data: readonly number[], version: number): number[] {
  const [count, degree] = [blocksOf(version), correctionOf(version)];
  const short = Math.floor(data.length / count);
  const long = data.length % count;
  const blocks: { data: number[]; correction: number[] }[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = short + (i < count - long ? 0 : 1);
    const part = data.slice(at, at + length);
    blocks.push({ data: part, correction: correction(part, degree) });
    at += length;
  }
  const mixed: number[] = [];
  for (let i = 0; i <= short; i++) {
    for (const block of blocks) {
      const word = block.data[i];
      if (word !== undefined) mixed.push(word);
    }
  }
  for (let i = 0; i < degree; i++) blocks.forEach((block) => mixed.push(block.correction[i] ?? 0));
  return mixed;
}
