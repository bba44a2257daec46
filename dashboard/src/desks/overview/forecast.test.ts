import { describe, expect, test } from "vitest";
import { forecast, leftOf, median, noiseOf, theilSen, windowOf, type Limits, type Sample } from "./forecast";

const LIMITS: Limits = { LL: 0.8, L: 1.5, H: 10, HH: 11 };
const POINT = { periodS: 1, span: 12, limits: LIMITS };
const GOOD = { quality: "good", age: 1 };

/** A repeatable Gaussian of mean 0 and deviation 1 (Box-Muller over a linear congruence). */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => ((state = (state * 1664525 + 1013904223) % 2 ** 32) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function course(value: (t: number) => number, seconds = 300, noise = 0.002, period = 1): Sample[] {
  const draw = gaussian(7);
  return Array.from({ length: Math.floor(seconds / period) }, (_, i) => ({
    time: 1000 + i * period,
    value: value(i * period) + noise * draw(),
  }));
}

describe("median, noise and slope", () => {
  test("median of an even count lies between the middle two", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  test("noise is that of the samples whatever the course rises", () => {
    expect(noiseOf(course((t) => t * 0.1, 3000, 0.5))).toBeCloseTo(0.5, 1);
  });
  test("the slope is exact without noise and is not turned by a fifth of wild samples", () => {
    const clean = course((t) => 2 + 0.01 * t, 100, 0);
    const wild = clean.map((s, i) => (i % 5 === 2 ? { ...s, value: 999 } : s));
    expect(theilSen(clean, 1099).slope).toBeCloseTo(0.01, 12);
    expect(theilSen(wild, 1099).slope).toBeCloseTo(0.01, 3);
  });
  test("the window follows the period", () => {
    expect([1, 2, 10, 60, 600].map(windowOf)).toEqual([300, 600, 600, 1200, 1800]);
  });
});

describe("time to the next limit", () => {
  test("a rising level reaches H, then HH, at its rate", () => {
    const { ahead, line, why } = forecast(
      course((t) => 9 + 0.0005 * t),
      POINT,
      GOOD,
    );
    expect(why).toBeNull();
    expect(Math.abs((line?.slope ?? 0) - 0.0005)).toBeLessThan(0.00002);
    expect(ahead.map((one) => one.limit)).toEqual(["H", "HH"]);
    const truth = (10 - (9 + 0.0005 * 299)) / 0.0005;
    expect(Math.abs((ahead[0]?.seconds ?? 0) - truth)).toBeLessThan(0.05 * truth);
  });
  test("a falling level is told to L and LL", () => {
    const { ahead } = forecast(
      course((t) => 2 - 0.001 * t),
      POINT,
      GOOD,
    );
    expect(ahead.map((one) => one.limit)).toEqual(["L", "LL"]);
  });
  test("beyond H only HH is ahead", () => {
    const { ahead } = forecast(
      course((t) => 10.2 + 0.001 * t),
      POINT,
      GOOD,
    );
    expect(ahead.map((one) => one.limit)).toEqual(["HH"]);
  });
  test("a limit that the point does not have is not told", () => {
    const limits = { ...LIMITS, HH: null, H: null };
    expect(
      forecast(
        course((t) => 9 + 0.001 * t),
        { ...POINT, limits },
        GOOD,
      ).why,
    ).toBe("none-ahead");
  });
  test("after a pump starts, the new rate counts within a minute", () => {
    const bent = course((t) => 5 + (t > 250 ? 0.02 * (t - 250) : 0), 300);
    const { line } = forecast(bent, POINT, GOOD);
    expect(line?.slope).toBeCloseTo(0.02, 2);
  });
});

describe("nothing is said", () => {
  test("of a level at rest, in twenty draws of noise", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const draw = gaussian(seed);
      const still = Array.from({ length: 200 }, (_, i) => ({ time: i, value: 6 + 0.002 * draw() }));
      expect(forecast(still, POINT, GOOD).ahead).toEqual([]);
    }
  });
  test("of a rate within the noise", () => {
    expect(
      forecast(
        course((t) => 9 + 0.00002 * t, 300, 0.05),
        POINT,
        GOOD,
      ).why,
    ).toBe("steady");
  });
  test("of waves", () => {
    expect(
      forecast(
        course((t) => 9 + 0.3 * Math.sin(t / 12)),
        POINT,
        GOOD,
      ).ahead,
    ).toEqual([]);
  });
  test("of bad, doubtful or old data, or when their age is unknown", () => {
    const rising = course((t) => 9 + 0.001 * t);
    expect(forecast(rising, POINT, { quality: "bad_sensor_failure", age: 1 }).why).toBe("bad");
    expect(forecast(rising, POINT, { quality: "uncertain", age: 1 }).why).toBe("bad");
    expect(forecast(rising, POINT, { quality: "good", age: 60 }).why).toBe("old");
    expect(forecast(rising, POINT, { quality: "good", age: null }).why).toBe("old");
  });
  test("of too few samples", () => {
    expect(
      forecast(
        course((t) => 9 + 0.001 * t, 8),
        POINT,
        GOOD,
      ).why,
    ).toBe("few");
  });
  test("of a limit that is half a day away", () => {
    expect(
      forecast(
        course((t) => 2 + 0.0001 * t, 600, 0.0001),
        POINT,
        GOOD,
      ).why,
    ).toBe("far");
  });
});

describe("what the gateway has told", () => {
  test("its time runs down, and is over when it has passed", () => {
    const told = { limit: "HH" as const, onset: 1000, figure: 600 };
    expect(leftOf(told, 1060)).toBe(540);
    expect(leftOf(told, 1700)).toBeNull();
  });
});
