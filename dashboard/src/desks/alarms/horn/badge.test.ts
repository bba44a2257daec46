import { expect, it } from "vitest";
import { titleWith } from "./badge";

it("puts the count before the title, once", () => {
  expect(titleWith(3, "报警 · Hazardwatch")).toBe("(3) 报警 · Hazardwatch");
  expect(titleWith(4, "(3) 报警 · Hazardwatch")).toBe("(4) 报警 · Hazardwatch");
});
it("takes it off when everything is answered", () => {
  expect(titleWith(0, "(3) 报警 · Hazardwatch")).toBe("报警 · Hazardwatch");
});
