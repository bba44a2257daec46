// Reed-Solomon over GF(256) with the polynomial of QR codes, x^8 + x^4 + x^3 + x^2 + 1.

const POLYNOMIAL = 0x11d;

export function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * POLYNOMIAL);
    if ((b >>> bit) & 1) product ^= a;
  }
  return product & 0xff;
}

/** Coefficients of the product of (x - 2^i) for i below the degree, without the leading 1. */
export function generator(degree: number): number[] {
  const result = new Array<number>(degree).fill(0);
  result[degree - 1] = 1;
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) {
      result[j] = multiply(result[j] ?? 0, root) ^ (result[j + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  return result;
}

/** The correction codewords of a block: the remainder of its division by the generator. */
export function correction(data: readonly number[], degree: number): number[] {
  const divisor = generator(degree);
  const rest = new Array<number>(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    divisor.forEach((coefficient, i) => (rest[i] = (rest[i] ?? 0) ^ multiply(coefficient, factor)));
  }
  return rest;
}
