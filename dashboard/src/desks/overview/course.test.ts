import { describe, expect, test } from "vitest";
import { continued, courseOf, csvLines, gapAfter, inBuckets, stretches, usualStep, withGaps } from "./course";

const S = 1e9;
const TREND = {
  source_time: [1 * S, 2 * S, 3 * S, 60 * S, 61 * S],
  value: [1, 2, 3, 4, 5],
  quality: ["good", "bad_sensor_failure", "bad_sensor_failure", "good", "uncertain"],
};

describe("course", () => {
  test("bad samples draw no line", () => {
    expect(courseOf(TREND).values).toEqual([1, null, null, 4, 5]);
  });
  test("a silence is a gap, the usual distance is none", () => {
    const { times, values } = withGaps(courseOf(TREND), 5);
    expect(times).toEqual([1, 2, 3, 31.5, 60, 61]);
    expect(values[3]).toBeNull();
    expect(withGaps(courseOf(TREND), 100).times).toHaveLength(5);
  });
  test("live samples go on where history ends, none twice", () => {
    const live = [61, 62, 63].map((time) => ({ time, value: time, quality: time === 63 ? "bad" : "good" }));
    const whole = continued(courseOf(TREND), live);
    expect(whole.times.slice(-3)).toEqual([61, 62, 63]);
    expect(whole.values.slice(-3)).toEqual([5, 62, null]);
    const history = courseOf(TREND);
    expect(continued(history, [])).toBe(history);
  });
  test("a gap is told by the period, or by the distance that thinning left", () => {
    expect(gapAfter(1, 0)).toBe(3.5);
    expect(gapAfter(1, 600)).toBe(1500);
    expect(usualStep([0, 1, 2, 3, 100])).toBe(97);
    expect(usualStep([0, 1, 2, 3, 4, 5, 6, 100])).toBe(1);
  });
  test("bad and doubtful stretches last until the next sample", () => {
    expect(stretches(courseOf(TREND), "bad")).toEqual([{ from: 2, to: 60, quality: "bad_sensor_failure" }]);
    expect(stretches(courseOf(TREND), "doubtful")).toEqual([{ from: 61, to: 61, quality: "uncertain" }]);
  });
  test("buckets keep the extremes and count what was bad", () => {
    const rows = inBuckets(courseOf(TREND), 0, 100, 2);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ lowest: 1, highest: 1, last: 1, samples: 3, bad: 2 });
    expect(rows[1]).toMatchObject({ lowest: 4, highest: 5, last: 5, samples: 2, bad: 0 });
  });
  test("CSV has one line a sample, in UTC, quoted where needed", () => {
    const lines = csvLines({ id: "E001/A,1", engineering_unit: "m" }, TREND);
    expect(lines[0]).toBe('1970-01-01T00:00:01.000Z,"E001/A,1",1,m,good');
    expect(lines).toHaveLength(5);
  });
});
