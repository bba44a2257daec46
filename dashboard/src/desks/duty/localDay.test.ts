import { describe, expect, it } from "vitest";
import { dayIn, daysAfter, daysFrom, momentOf } from "./localDay";

describe("local days", () => {
  it("begin at midnight of the desk's zone, not of the browser's", () => {
    expect(dayIn("Asia/Shanghai", Date.parse("2026-06-21T15:59:59Z"))).toBe("2026-06-21");
    expect(dayIn("Asia/Shanghai", Date.parse("2026-06-21T16:00:00Z"))).toBe("2026-06-22");
    expect(dayIn("UTC", Date.parse("2026-06-21T16:00:00Z"))).toBe("2026-06-21");
  });

  it("are counted over months and years", () => {
    expect(daysAfter("2026-12-31", 1)).toBe("2027-01-01");
    expect(daysAfter("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysFrom("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
    expect(daysFrom("2026-03-02", "2026-03-01")).toEqual([]);
  });
});

describe("a clock time on a day", () => {
  it("is an instant of the zone", () => {
    expect(new Date(momentOf("2026-06-21", "10:00", "Asia/Shanghai")).toISOString()).toBe(
      "2026-06-21T02:00:00.000Z",
    );
  });

  it("follows the clocks that are put forward that night", () => {
    expect(new Date(momentOf("2026-03-29", "10:00", "Europe/Berlin")).toISOString()).toBe(
      "2026-03-29T08:00:00.000Z",
    );
    expect(new Date(momentOf("2026-03-28", "10:00", "Europe/Berlin")).toISOString()).toBe(
      "2026-03-28T09:00:00.000Z",
    );
  });
});
