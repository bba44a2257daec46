import { describe, expect, it } from "vitest";
import type { Schemas } from "@/service/client";
import { worst } from "./level";
import { overdueOf, type Overdue } from "./overdue";
import {
  byUrgency,
  countLevels,
  EVERYTHING,
  filterOf,
  isCutOff,
  lateOf,
  matches,
  placesOf,
  queryOf,
} from "./places";

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

const late = (key: string, enterprise: string, installation: string): Overdue => ({
  key,
  kind: "duty",
  at: { enterprise, installation },
  enterprise,
  person: "",
  about: "",
  step: null,
  since: 0,
  to: null,
});

const PLACES = placesOf(
  [
    level("E001"),
    level("E002", { level: "red", since: 5, district: "临港", hazard_class: null, active_alarms: 3 }),
    level("E003", { level: "red", since: 9 }),
  ],
  [],
  [counts("E001", 1, 2), counts("E002", 0, 0)],
  [late("a", "E003", "H01"), late("b", "E003", "")],
  null,
);
const named = (filter: Partial<typeof EVERYTHING>): string[] =>
  PLACES.filter((place) => matches(place, { ...EVERYTHING, ...filter })).map((place) => place.enterprise);

describe("places", () => {
  it("come the most urgent first, the newest of a level first", () => {
    expect(PLACES.map((place) => place.enterprise)).toEqual(["E003", "E002", "E001"]);
    expect([...PLACES].reverse().sort(byUrgency)).toEqual(PLACES);
  });

  it("count what never reported as silent, and everything that is late", () => {
    expect(PLACES.map((place) => [place.silent, place.overdue.length])).toEqual([
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

describe("data that do not come", () => {
  const data = (points: number, silent: number, bad = 0) => isCutOff({ points, silent, bad });

  it("are a quarter of the points in use, or ten of many; and bad values are none", () => {
    expect([data(40, 0), data(40, 9), data(40, 10), data(400, 9), data(400, 10)]).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
    expect([data(8, 1), data(8, 2), data(8, 1, 1), data(1, 1), data(0, 0)]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("come behind what has a level or alarms, and before what is in order", () => {
    const places = placesOf(
      [
        level("E001", { since: 99 }),
        level("E002"),
        level("E003", { active_alarms: 1 }),
        level("E004", { level: "blue" }),
      ],
      [],
      [counts("E001", 0, 0), counts("E002", 9, 0), counts("E003", 0, 0), counts("E004", 0, 0)],
      [],
      null,
    );
    expect(places.map((place) => place.enterprise)).toEqual(["E004", "E003", "E002", "E001"]);
    expect(places.filter((place) => place.cutOff).map((place) => place.enterprise)).toEqual(["E002"]);
    expect(places.filter((place) => matches(place, { ...EVERYTHING, state: "cut-off" }))).toHaveLength(1);
  });
});

describe("what is late on the map", () => {
  const found = overdueOf({
    warnings: [],
    orders: [
      { id: "o1", enterprise: "E001", installation: "H01", item: "整改", deadline: 1, state: "open" },
      { id: "o2", enterprise: "E002", installation: "", item: "整改", deadline: 2, state: "open" },
    ] as never,
    checks: [{ id: "c1", enterprise: "E002", enterprise_name: "乙", sent_at: 0, due_at: 3 }] as never,
    missing: { day: "2026-06-21", missing: [{ enterprise: "E003", enterprise_name: "丙", listed_at: 4 }] },
    given: new Set<string>(),
    exhausted: [{ alarm_id: "a1", enterprise: "E001", ladder: "l", exhausted_at: 5, next_at: 0 }],
    enterpriseName: (id) => id,
    alarmName: (id) => id,
    installationOf: () => "H01",
  });
  const places = placesOf([level("E001"), level("E002"), level("E003"), level("E004")], [], [], found, null);

  it("is all that the menu counts, whoever owes it", () => {
    expect(lateOf(places)).toBe(found.length);
    expect(places.map((place) => [place.enterprise, place.overdue.map((one) => one.key)])).toEqual([
      ["E001", ["order/o1", "ladder/a1"]],
      ["E002", ["order/o2", "duty/c1"]],
      ["E003", ["commitment/E003"]],
      ["E004", []],
    ]);
    const listed = places.filter((place) => matches(place, { ...EVERYTHING, state: "overdue" }));
    expect(listed).toHaveLength(3);
  });
});

describe("alarms of a place", () => {
  it("are the open ones of the live link; without all of them those that its level weighed", () => {
    const one = [level("E001", { active_alarms: 2 })];
    expect(placesOf(one, [], [], [], new Map([["E001/H01", 3]]))[0]?.alarms).toBe(3);
    expect(placesOf(one, [], [], [], new Map())[0]?.alarms).toBe(0);
    expect(placesOf(one, [], [], [], null)[0]?.alarms).toBe(2);
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
