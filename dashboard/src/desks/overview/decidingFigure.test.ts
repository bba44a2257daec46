// @vitest-environment jsdom
import { expect, it } from "vitest";
import { decidingFigure } from "./decidingFigure";

const one = (name: string, value: number | string | null, unit = "") => ({ name, value, unit });

it("shows a limit in the unit of the point", () => {
  const parameters = [one("side", "HH"), one("setpoint", 11.2, "m"), one("deadband", 0.1, "m")];
  expect(decidingFigure({ detector: "limit", parameters }, 13)).toBe("11.20 m");
});
it("shows a time as a time, and of a point that is silent how long it may be so", () => {
  const parameters = [one("timeout_s", null, "s"), one("factor", 10), one("period_s", 1, "s")];
  expect(decidingFigure({ detector: "stale", parameters }, 13)).toBe("10 秒");
  const given = [one("timeout_s", 30, "s"), one("factor", 3), one("period_s", 1, "s")];
  expect(decidingFigure({ detector: "stale", parameters: given }, 13)).toBe("30 秒");
});
it("shows nothing where no single figure decides", () => {
  const parameters = [one("resolution", 0, "m"), one("band", 0, "m"), one("min_s", 60, "s")];
  expect(decidingFigure({ detector: "stuck", parameters }, 13)).toBe("");
  expect(decidingFigure({ detector: "combination", parameters: [one("at_least", 2)] }, 13)).toBe("");
});
