import { expect, test } from "vitest";
import { dateText, monthsAfter, stepped, understood, weeksOf } from "./dates";

test("a date is understood as people write it", () => {
  for (const typed of ["2026-11-02", "2026/11/2", "20261102", "2026年11月2日", " 2026.11.02 "])
    expect(understood("date", typed)).toBe("2026-11-02");
});

test("what is no date is refused, and nothing is nothing", () => {
  expect(understood("date", "2026-02-30")).toBeNull();
  expect(understood("date", "11/22/2026")).toBeNull();
  expect(understood("datetime", "2026-11-22 24:00")).toBeNull();
  expect(understood("datetime", "2026-11-22 14:30 x")).toBeNull();
  expect(understood("time", "7")).toBeNull();
  expect(understood("datetime", "  ")).toBe("");
});

test("date and time in one; a day alone begins at midnight", () => {
  expect(understood("datetime", "2026-11-22 9:05")).toBe("2026-11-22T09:05");
  expect(understood("datetime", "2026-11-22T14:30")).toBe("2026-11-22T14:30");
  expect(understood("datetime", "2026-11-22")).toBe("2026-11-22T00:00");
  expect(understood("time", "0830")).toBe("08:30");
  expect(dateText("2026-11-22T14:30")).toBe("2026-11-22 14:30");
});

test("the part at the caret is stepped, and carries over", () => {
  expect(stepped("datetime", "2026-12-31T23:30", 9, 1)).toBe("2027-01-01T23:30");
  expect(stepped("datetime", "2026-12-31T23:30", 12, 1)).toBe("2027-01-01T00:30");
  expect(stepped("date", "2026-03-15", 6, -1)).toBe("2026-02-15");
  expect(stepped("time", "00:00", 4, -1)).toBe("23:59");
  expect(stepped("time", "09:15", 1, 1)).toBe("10:15");
});

test("a month is shown in weeks from Monday", () => {
  const weeks = weeksOf("2026-11");
  expect(weeks[0]?.[0]).toBe("2026-10-26");
  expect(weeks[0]?.[6]).toBe("2026-11-01");
  expect(weeks).toHaveLength(6);
  expect(monthsAfter("2026-01", -1)).toBe("2025-12");
});
