import { describe, expect, it } from "vitest";
import type { Schemas } from "@/service/client";
import { bandsOf } from "./bands";
import { keyPoints } from "./keyPoints";
import { actionsOf, isStillUp, lateBy, loopOf, needsWords } from "./loop";
import { canPostpone, orderActions } from "./orderActions";
import { dayIn, overdueOf } from "./overdue";

type Warning = Schemas["WarningView"];
const fact = { by: "赵宁", at: 5, level: "yellow" as const, text: "" };
const ASKED: Warning = {
  id: "w1",
  enterprise: "E001",
  enterprise_name: "示范化工",
  installation: "H01",
  name: "甲醇储罐区",
  district: "",
  city: "",
  state: "asked",
  level: "yellow",
  current: "yellow",
  begun_at: 1,
  risen_at: 1,
  owed: "answer",
  due_at: 2_000_000_000,
  is_overdue: false,
  overdue: 0,
  late: ["sign"],
  reached: "district",
  returned: 0,
  signed: fact,
  asked: fact,
  answered: fact,
  verified: null,
  closed: null,
};

describe("the loop", () => {
  it("knows what is done, owed and ahead, and who owes it", () => {
    const steps = loopOf(ASKED);
    expect(steps.map((step) => step.stand)).toEqual(["done", "done", "owed", "ahead", "ahead"]);
    expect(steps[2]).toMatchObject({ whose: "enterprise", dueAt: 2_000_000_000 });
    expect(steps.map((step) => step.wasLate)).toEqual([true, false, false, false, false]);
  });

  it("shows no fact from before the level rose again", () => {
    expect(loopOf(ASKED)[2]?.fact).toBeNull();
    const risen = loopOf({ ...ASKED, state: "unsigned", owed: "sign" });
    expect(risen.map((step) => step.stand)).toEqual(["owed", "ahead", "ahead", "ahead", "ahead"]);
  });

  it("is all done when closed", () => {
    const closed = loopOf({ ...ASKED, state: "closed", owed: null, closed: fact });
    expect(closed.every((step) => step.stand === "done")).toBe(true);
  });

  it("counts to the deadline and beyond", () => {
    expect(lateBy(2_000_000_000, 1_000_000_000)).toBe(-1);
    expect(lateBy(2_000_000_000, 5_000_000_000)).toBe(3);
    expect(lateBy(null, 5)).toBeNull();
  });

  it("cannot be closed while the level is up", () => {
    expect(isStillUp({ owed: "close", due_at: null })).toBe(true);
    expect(isStillUp({ owed: "close", due_at: 1 })).toBe(false);
  });

  it("offers only what the person may do", () => {
    const officer = (name: string) => name !== "warning.answer";
    expect(actionsOf("asked", officer)).toEqual([]);
    expect(actionsOf("asked", (name) => name === "warning.answer")).toEqual(["answer"]);
    expect(actionsOf("answered", officer)).toEqual(["verify", "return"]);
    expect(actionsOf("closed", () => true)).toEqual([]);
    expect((["sign", "answer", "return", "verify"] as const).map(needsWords)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("orders", () => {
  it("are answered by the enterprise and verified by the bureau", () => {
    expect(orderActions("open", (name) => name === "supervision.verify")).toEqual([]);
    expect(orderActions("answered", (name) => name === "supervision.verify")).toEqual(["verify", "return"]);
    expect(canPostpone("verified")).toBe(false);
  });
});

describe("bands of a level", () => {
  const change = (time: number, before: string, level: string) =>
    ({ time, level_before: before, level }) as never;

  it("cover the whole time without gaps", () => {
    const bands = bandsOf([change(80, "yellow", "red"), change(40, "none", "yellow")], "red", 0, 100);
    expect(bands).toEqual([
      { level: "none", from: 0, to: 40 },
      { level: "yellow", from: 40, to: 80 },
      { level: "red", from: 80, to: 100 },
    ]);
  });

  it("are one where nothing changed, or only long ago", () => {
    expect(bandsOf([], "blue", 0, 100)).toEqual([{ level: "blue", from: 0, to: 100 }]);
    expect(bandsOf([change(-5, "red", "blue")], "blue", 0, 100)).toEqual([
      { level: "blue", from: 0, to: 100 },
    ]);
  });

  it("pass over lines that changed no level", () => {
    expect(bandsOf([change(50, "red", "red")], "red", 0, 100)).toEqual([{ level: "red", from: 0, to: 100 }]);
  });
});

describe("key points", () => {
  const point = (id: string, quantity: string, in_use = true) => ({ id, quantity, in_use }) as never;
  const points = [
    point("t1", "temperature"),
    point("l1", "level"),
    point("l2", "level"),
    point("p1", "pressure", false),
    point("g1", "combustible_gas"),
  ];

  it("are the first of each quantity, in their order", () => {
    expect(keyPoints(points, () => false, 3).map((one) => one.id)).toEqual(["l1", "g1", "t1"]);
  });

  it("begin with what is in alarm", () => {
    expect(keyPoints(points, (id) => id === "l2", 2).map((one) => one.id)).toEqual(["l2", "l1"]);
  });
});

describe("what is overdue", () => {
  const nothing = {
    warnings: [],
    orders: [],
    checks: [],
    missing: { day: "2026-06-21", missing: [] },
    given: new Set<string>(),
    exhausted: [],
    enterpriseName: (id: string) => `企业 ${id}`,
    alarmName: (id: string) => `报警 ${id}`,
    installationOf: () => "",
  };
  const order = { id: "o1", enterprise_name: "乙", responsible: "王五", item: "整改", deadline: 30 };

  it("comes the longest waiting first, and names who owes it", () => {
    const found = overdueOf({
      ...nothing,
      warnings: [ASKED, { ...ASKED, id: "w2", state: "unsigned", owed: "sign", due_at: 10 }],
      orders: [
        { ...order, state: "open" },
        { ...order, id: "o2", state: "answered", deadline: 40 },
      ] as never,
      exhausted: [{ alarm_id: "a1", enterprise: "E009", ladder: "l", exhausted_at: 20, next_at: 0 }],
    });
    expect(found.map((row) => [row.key, row.enterprise, row.person])).toEqual([
      ["warning/w2", null, ""],
      ["ladder/a1", "企业 E009", ""],
      ["order/o1", "乙", "王五"],
      ["order/o2", null, ""],
      ["warning/w1", "示范化工", ""],
    ]);
  });

  it("leaves out commitments that were given after all", () => {
    const missing = [
      { enterprise: "E001", enterprise_name: "甲", listed_at: 1 },
      { enterprise: "E002", enterprise_name: "乙", listed_at: 1 },
    ];
    const found = overdueOf({
      ...nothing,
      missing: { day: "2026-06-21", missing },
      given: new Set(["E001"]),
    });
    expect(found.map((row) => row.enterprise)).toEqual(["乙"]);
  });

  it("knows the day where the deadlines are meant", () => {
    const evening = Date.UTC(2026, 5, 20, 17);
    expect(dayIn("Asia/Shanghai", evening)).toBe("2026-06-21");
    expect(dayIn("UTC", evening)).toBe("2026-06-20");
  });
});
