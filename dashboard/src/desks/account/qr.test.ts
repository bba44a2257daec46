import { describe, expect, it } from "vitest";
import { allCodewords, qrCode, qrPath } from "./qr";
import { alignments, masked, zigzag } from "./qrMatrix";
import { correction, generator, multiply } from "./reedSolomon";

// Read back as a reader does it: format, mask, zigzag, blocks, bytes. Tables from ISO/IEC 18004, level M.
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

function formatOf(rows: boolean[][]): number {
  let bits = 0;
  const places = [
    [0, 8], [1, 8], [2, 8], [3, 8], [4, 8], [5, 8], [7, 8], [8, 8],
    [8, 7], [8, 5], [8, 4], [8, 3], [8, 2], [8, 1], [8, 0],
  ] as const; // prettier-ignore
  for (const [x, y] of places) bits = (bits << 1) | Number(rows[y]?.[x]);
  return (bits ^ 0x5412) >>> 10;
}

function isFixed(size: number, version: number, x: number, y: number): boolean {
  const corner = (a: number, b: number): boolean => a <= 8 && b <= 8;
  if (corner(x, y) || corner(size - 1 - x, y) || corner(x, size - 1 - y)) {
    if (corner(x, y) || (size - 1 - x <= 7 && y <= 8) || (x <= 8 && size - 1 - y <= 7)) return true;
  }
  if (x === 6 || y === 6) return true;
  if (version >= 7 && ((x < 6 && y >= size - 11) || (y < 6 && x >= size - 11))) return true;
  const places = alignments(version);
  const last = places.length - 1;
  return places.some((cy, i) =>
    places.some((cx, j) => {
      const atFinder = (i === 0 && (j === 0 || j === last)) || (i === last && j === 0);
      return !atFinder && Math.abs(cx - x) <= 2 && Math.abs(cy - y) <= 2;
    }),
  );
}

function readBack(rows: boolean[][]): string {
  const size = rows.length;
  const version = (size - 17) / 4;
  const mask = formatOf(rows) & 7;
  const bits: number[] = [];
  for (const { x, y } of zigzag(size)) {
    if (!isFixed(size, version, x, y)) bits.push(Number(rows[y]?.[x] !== masked(mask, x, y)));
  }
  const words = Array.from({ length: allCodewords(version) }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((word, bit) => (word << 1) | bit, 0),
  );
  const [degree, count] = [CORRECTION[version - 1] ?? 0, BLOCKS[version - 1] ?? 1];
  const data = words.length - degree * count;
  const short = Math.floor(data / count);
  const blocks = Array.from({ length: count }, () => [] as number[]);
  let at = 0;
  for (let i = 0; i <= short; i++) {
    blocks.forEach((block, b) => {
      if (i < short || b >= count - (data % count)) block.push(words[at++] ?? 0);
    });
  }
  blocks.forEach((block, b) => {
    const kept = Array.from({ length: degree }, (_, i) => words[data + i * count + b]);
    expect(kept).toEqual(correction(block, degree));
  });
  const stream = blocks.flat().flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((i) => (word >>> i) & 1));
  const take = (from: number, length: number): number =>
    stream.slice(from, from + length).reduce((value, bit) => value * 2 + bit, 0);
  expect(take(0, 4)).toBe(0b0100);
  const wide = version < 10 ? 8 : 16;
  const bytes = Array.from({ length: take(4, wide) }, (_, i) => take(4 + wide + 8 * i, 8));
  return new TextDecoder().decode(new Uint8Array(bytes));
}

describe("a QR code", () => {
  it.each([1, 14, 15, 40, 85, 130, 160, 213, 214, 330, 500, 666])("of %i bytes reads back", (length) => {
    const text = "otpauth://totp/Hazardwatch:x?secret=JBSWY3DPEHPK3PXP".repeat(20).slice(0, length);
    expect(readBack(qrCode(text))).toBe(text);
  });
  it("holds Chinese names as UTF-8", () => {
    expect(readBack(qrCode("otpauth://totp/危险源:王强"))).toBe("otpauth://totp/危险源:王强");
  });
  it("refuses what does not fit", () => {
    expect(() => qrCode("x".repeat(667))).toThrow(RangeError);
  });
  it("tells level M in its format", () => {
    expect(formatOf(qrCode("hello")) >>> 3).toBe(0);
  });
  it("is drawn as one square for each dark module", () => {
    expect(
      qrPath([
        [true, false],
        [false, true],
      ]),
    ).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
  });
});

describe("Reed-Solomon", () => {
  it("divides by a generator whose roots are the powers of two", () => {
    let root = 1;
    for (let i = 0; i < 10; i++) {
      const value = [1, ...generator(10)].reduce((sum, c) => multiply(sum, root) ^ c, 0);
      expect(value).toBe(0);
      root = multiply(root, 2);
    }
  });
  it("gives the known codewords of HELLO WORLD in version 1-M", () => {
    const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
    expect(correction(data, 10)).toEqual([196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
  });
});
