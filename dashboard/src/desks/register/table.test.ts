import { describe, expect, it } from "vitest";
import type { Schemas } from "@/service/client";
import { COLUMNS, rowsOf, tableText, templateText } from "./table";

const ENTERPRISE = {
  id: "E001",
  name: "E001",
  district: "示范区",
  city: "",
  installations: [
    {
      id: "H01",
      name: "储罐区, 一期",
      hazard_class: null,
      r_value: 62,
      persons: [{ role: "main", name: "张三", phone: null }],
      units: [{ id: "TK101", name: "甲醇储罐", kind: "storage_tank", substance: null, height_m: 12 }],
    },
  ],
} as unknown as Schemas["EnterpriseView"];
const POINT = {
  tag: "TK101.LT01",
  installation: "H01",
  unit: "TK101",
  in_use: true,
  device: "GW1",
  position: { longitude: 117.7, latitude: 38.95, derived: true },
  limits: { LL: null, L: 1.5, H: 10, HH: null },
} as unknown as Schemas["PointView"];

describe("a register as a table", () => {
  it("has a heading and one line as an example, with as many cells", () => {
    const [heading, example, rest] = templateText(false).split("\r\n");
    expect(heading?.split(",")).toEqual(Object.keys(COLUMNS));
    expect(example?.split(",")).toHaveLength(Object.keys(COLUMNS).length);
    expect(rest).toBe("");
  });
  it("says what the register says, and not what was reckoned from it", () => {
    const [row] = rowsOf(ENTERPRISE, [POINT]);
    expect(row).toMatchObject({
      installation_name: "储罐区, 一期",
      gateway: "GW1",
      L: 1.5,
      main_person: "张三",
    });
    expect([row?.enterprise_name, row?.longitude, row?.main_phone]).toEqual(["", undefined, null]);
  });
  it("quotes what a comma stands in, and leaves empty what is not there", () => {
    const line = tableText(rowsOf(ENTERPRISE, [POINT]), true).split("\r\n")[1];
    expect(line).toContain('H01,"储罐区, 一期",,62,TK101');
  });
});
