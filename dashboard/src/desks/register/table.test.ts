import { describe, expect, it } from "vitest";
import { COLUMNS, templateText } from "./table";

describe("a register as a table", () => {
  it("has a heading and one line as an example, with as many cells", () => {
    const [heading, example, rest] = templateText(false).split("\r\n");
    expect(heading?.split(",")).toEqual(Object.keys(COLUMNS));
    expect(example?.split(",")).toHaveLength(Object.keys(COLUMNS).length);
    expect(rest).toBe("");
  });
  it("has the headings of the reader", () => {
    expect(templateText(true).split(",").slice(0, 2)).toEqual(["企业编码", "企业名称"]);
  });
});
