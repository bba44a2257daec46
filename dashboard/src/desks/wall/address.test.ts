import { describe, expect, it } from "vitest";
import { addressOf, planOf, SCENES } from "./address";

describe("the address of a wall", () => {
  it("without a wish shows everything at the usual pace", () => {
    expect(planOf({})).toEqual({ scenes: [...SCENES], seconds: 20, installations: [] });
  });

  it("keeps what was chosen", () => {
    const plan = planOf({ scenes: "alarms,levels", seconds: "30", installations: "E001/H01,E001/H02" });
    expect(plan).toEqual({
      scenes: ["levels", "alarms"],
      seconds: 30,
      installations: ["E001/H01", "E001/H02"],
    });
    expect(planOf(addressOf(plan))).toEqual(plan);
  });

  it("always shows the alarms", () => {
    expect(planOf({ scenes: "figures" }).scenes).toEqual(["alarms", "figures"]);
  });

  it("passes over what it does not know, and holds the pace within bounds", () => {
    expect(planOf({ scenes: "weather", seconds: "soon" })).toMatchObject({
      scenes: [...SCENES],
      seconds: 20,
    });
    expect(planOf({ seconds: "1" }).seconds).toBe(5);
    expect(planOf({ seconds: "86400" }).seconds).toBe(600);
    expect(planOf({ installations: " E1/H1, ,E1/H1" }).installations).toEqual(["E1/H1"]);
  });
});
