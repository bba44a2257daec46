// The modules of a QR code: its fixed patterns, the codewords in their zigzag, one mask, and its penalty.

const LEVEL_M = 0b00;
const FORMAT_POLYNOMIAL = 0x537;
const FORMAT_MASK = 0x5412;
const VERSION_POLYNOMIAL = 0x1f25;
/** Penalties of the standard: long runs, squares of one colour, what looks like a finder, imbalance. */
const [RUN, SQUARE, FINDER, IMBALANCE] = [3, 3, 40, 10];
const LOOKS_LIKE_FINDER = [
  [true, false, true, true, true, false, true, false, false, false, false],
  [false, false, false, false, true, false, true, true, true, false, true],
];

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Does this mask turn the module over? x: column, y: row. */
export function masked(mask: number, x: number, y: number): boolean {
  return MASKS[mask]?.(x, y) ?? false;
}

/** Where the alignment patterns stand, in rows as in columns. */
export function alignments(version: number): number[] {
  if (version < 2) return [];
  const [count, last] = [Math.floor(version / 7) + 2, 10 + 4 * version];
  const step = 2 * Math.ceil((last - 6) / (2 * (count - 1)));
  const found = [6];
  for (let i = count - 2; i >= 0; i--) found.push(last - i * step);
  return found;
}

export class Matrix {
  readonly rows: boolean[][];
  readonly penalty: number;
  private readonly size: number;
  /** Modules of the fixed patterns: no data, no mask. */
  private readonly fixed: boolean[][];

  constructor(version: number, codewords: readonly number[], mask: number) {
    this.size = 17 + 4 * version;
    const empty = (): boolean[][] =>
      Array.from({ length: this.size }, () => new Array<boolean>(this.size).fill(false));
    this.rows = empty();
    this.fixed = empty();
    this.drawPatterns(version);
    this.drawFormat(mask);
    this.drawCodewords(codewords, mask);
    this.penalty = penaltyOf(this.rows);
  }

  private set(x: number, y: number, dark: boolean): void {
    const [row, fixed] = [this.rows[y], this.fixed[y]];
    if (!row || !fixed || x < 0 || x >= this.size) return;
    row[x] = dark;
    fixed[x] = true;
  }

  private drawPatterns(version: number): void {
    const far = this.size - 7;
    for (let i = 0; i < this.size; i++) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
    for (const [x, y] of [
      [3, 3],
      [far + 3, 3],
      [3, far + 3],
    ] as const)
      this.drawRings(x, y, 4);
    const places = alignments(version);
    const last = places.length - 1;
    places.forEach((y, i) =>
      places.forEach((x, j) => {
        const atFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
        if (!atFinder) this.drawRings(x, y, 2);
      }),
    );
    if (version >= 7) this.drawVersion(version);
  }

  /** A finder (reach 4, with its white border) or an alignment pattern (reach 2) around its middle. */
  private drawRings(x: number, y: number, reach: number): void {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        this.set(x + dx, y + dy, reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
      }
    }
  }

  private drawFormat(mask: number): void {
    const data = (LEVEL_M << 3) | mask;
    const bits = ((data << 10) | remainder(data, FORMAT_POLYNOMIAL, 10)) ^ FORMAT_MASK;
    const bit = (i: number): boolean => ((bits >>> i) & 1) === 1;
    for (let i = 0; i <= 5; i++) this.set(8, i, bit(i));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) this.set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) this.set(this.size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) this.set(8, this.size - 15 + i, bit(i));
    this.set(8, this.size - 8, true);
  }

  private drawVersion(version: number): void {
    const bits = (version << 12) | remainder(version, VERSION_POLYNOMIAL, 12);
    for (let i = 0; i < 18; i++) {
      const [near, far] = [Math.floor(i / 3), this.size - 11 + (i % 3)];
      this.set(far, near, ((bits >>> i) & 1) === 1);
      this.set(near, far, ((bits >>> i) & 1) === 1);
    }
  }

  private drawCodewords(codewords: readonly number[], mask: number): void {
    let at = 0;
    for (const { x, y } of zigzag(this.size)) {
      const row = this.rows[y];
      if (!row || this.fixed[y]?.[x]) continue;
      const bit = ((codewords[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1;
      row[x] = (bit === 1) !== masked(mask, x, y);
      at++;
    }
  }
}

/** Every place in the order of the data: pairs of columns from the right, up and down, past the timing column. */
export function* zigzag(size: number): Generator<{ x: number; y: number }> {
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let i = 0; i < size; i++) {
      for (const x of [right, right - 1]) yield { x, y: upward ? size - 1 - i : i };
    }
  }
}

function remainder(data: number, polynomial: number, degree: number): number {
  let rest = data;
  for (let i = 0; i < degree; i++) rest = (rest << 1) ^ ((rest >>> (degree - 1)) * polynomial);
  return rest;
}

function penaltyOf(rows: readonly (readonly boolean[])[]): number {
  const columns = rows.map((_, x) => rows.map((row) => row[x] ?? false));
  const lines = [...rows, ...columns];
  const runs = lines.reduce((sum, line) => sum + runPenalty(line) + FINDER * finderCount(line), 0);
  const dark = rows.flat().filter(Boolean).length;
  const steps = Math.floor((Math.abs(dark * 20 - rows.length ** 2 * 10) - 1) / rows.length ** 2);
  return runs + SQUARE * squareCount(rows) + IMBALANCE * Math.max(0, steps);
}

function runPenalty(line: readonly boolean[]): number {
  let [penalty, run] = [0, 1];
  for (let i = 1; i <= line.length; i++) {
    if (i < line.length && line[i] === line[i - 1]) run++;
    else {
      if (run >= 5) penalty += RUN + run - 5;
      run = 1;
    }
  }
  return penalty;
}

function finderCount(line: readonly boolean[]): number {
  let count = 0;
  for (let start = 0; start + 11 <= line.length; start++) {
    if (LOOKS_LIKE_FINDER.some((look) => look.every((dark, i) => line[start + i] === dark))) count++;
  }
  return count;
}

function squareCount(rows: readonly (readonly boolean[])[]): number {
  let count = 0;
  for (let y = 1; y < rows.length; y++) {
    for (let x = 1; x < rows.length; x++) {
      const dark = rows[y]?.[x];
      if (dark === rows[y]?.[x - 1] && dark === rows[y - 1]?.[x] && dark === rows[y - 1]?.[x - 1]) count++;
    }
  }
  return count;
}
