import { describe, expect, it } from "vitest";
import { PATTERNS, render } from "./tones";

describe.each(["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const)("the sound of %s", (priority) => {
  it("is heard, stays within what a speaker takes, and begins and ends without a click", () => {
    const samples = render(priority, 8000);
    const loudest = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    expect(loudest).toBeGreaterThan(0.4);
    expect(loudest).toBeLessThanOrEqual(1);
    expect(samples[0]).toBe(0);
    expect(samples.at(-1)).toBe(0);
  });
});

it("comes the more often, the more urgent it is", () => {
  const { CRITICAL, HIGH, MEDIUM, LOW } = PATTERNS;
  const periods = [CRITICAL, HIGH, MEDIUM, LOW].map((pattern) => pattern.every);
  expect(periods).toEqual([...periods].sort((a, b) => a - b));
});
