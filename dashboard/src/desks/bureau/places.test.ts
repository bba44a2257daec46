import { describe, expect, it } from "vitest";
import type { Schemas } from "@/service/client";
import { worst } from "./level";
import { byUrgency, countLevels, EVERYTHING, filterOf, matches, placesOf, queryOf } from "./places";

function level(enterprise: string, wanted: Partial<Schemas["LevelView"]> = {}): Schemas["LevelView"] {
  return {
    enterprise,
    enterprise_name: `企业 ${enterprise}`,
    installation: "H01",
    name: "甲醇储罐区",
    district: "滨海",
    city: "示范市",
    hazard_class: 2,
    level: "none",
    derived: "none",
    since: 0,
    falls_at: null,
    rises_at: null,
    adjustment: null,
    why: "",
    active_alarms: 0,
    policy: "",
    ...wanted,
  };
}
const counts = (enterprise: string, silent: number, never: number): Schemas["PointCounts"] => ({
  enterprise,
  installation: "H01",
  points: 10,
  good: 10 - silent - never,
  uncertain: 0,
  bad: 0,
  silent,
  never,
  out_of_service: 0,
});

const PLACES = placesOf(
  [
    level("E001"),
    level("E002", { level: "red", since: 5, district: "临港", hazard_class: null, active_alarms: 3 }),
    level("E003", { level: "red", since: 9 }),
  ],
  [],
  [counts("E001", 1, 2), counts("E002", 0, 0)],
  [
    { enterprise: "E003", installation: "H01" },
    { enterprise: "E003", installation: "H01" },
  ],
);
const named = (filter: Partial<typeof EVERYTHING>): string[] =>
  PLACES.filter((place) => matches(place, { ...EVERYTHING, ...filter })).map((place) => place.enterprise);

describe("places", () => {
  it("come the most urgent first, the newest of a level first", () => {
    expect(PLACES.map((place) => place.enterprise)).toEqual(["E003", "E002", "E001"]);
    expect([...PLACES].reverse().sort(byUrgency)).toEqual(PLACES);
  });

  it("count what never reported as silent, and everything that is late", () => {
    expect(PLACES.map((place) => [place.silent, place.overdue])).toEqual([
      [0, 2],
      [0, 0],
      [3, 0],
    ]);
  });

  it("are counted by level, with levels that nobody has", () => {
    expect(countLevels(PLACES)).toEqual({ red: 2, orange: 0, yellow: 0, blue: 0, none: 1 });
    expect(worst(PLACES.map((place) => place.level))).toBe("red");
    expect(worst([])).toBe("none");
  });
});

describe("filters", () => {
  it("narrow by district, class, level and state", () => {
    expect(named({})).toEqual(["E003", "E002", "E001"]);
    expect(named({ district: "临港" })).toEqual(["E002"]);
    expect(named({ hazardClass: "2" })).toEqual(["E003", "E001"]);
    expect(named({ hazardClass: "none" })).toEqual(["E002"]);
    expect(named({ levels: ["none"] })).toEqual(["E001"]);
    expect(named({ state: "alarms" })).toEqual(["E002"]);
    expect(named({ state: "offline" })).toEqual(["E001"]);
    expect(named({ state: "overdue" })).toEqual(["E003"]);
  });

  it("find every word of the text somewhere", () => {
    expect(named({ text: "e002/h01" })).toEqual(["E002"]);
    expect(named({ text: "甲醇 临港" })).toEqual(["E002"]);
    expect(named({ text: "甲醇 氯" })).toEqual([]);
  });

  it("stand in the address and come back from it", () => {
    const wanted = {
      ...EVERYTHING,
      district: "滨海",
      levels: ["red", "blue"] as const,
      state: "offline" as const,
    };
    const query = queryOf({ ...wanted, levels: [...wanted.levels] });
    expect(query).toEqual({ district: "滨海", level: "red,blue", state: "offline" });
    expect(filterOf(query as Record<string, string>)).toEqual(wanted);
  });

  it("take no nonsense from the address", () => {
    expect(filterOf({ level: "purple,red", state: "asleep", class: ["1", "2"] })).toEqual({
      ...EVERYTHING,
      levels: ["red"],
      hazardClass: "1",
    });
  });
});
