// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { choicesOf, figure, inputOf, rankOf, typed, valueText } from "./facts";

describe("a fact of a rule", () => {
  it("is read in its unit", () => {
    expect(valueText(9.5, "m")).toBe("9.5 m");
    expect(valueText(30, "s")).toBe("30 秒");
    expect(valueText(600, "s")).toBe("10 分");
    expect(valueText(null, "m")).toBe("—");
    expect(valueText("HIGH", "", "priority")).toBe("高");
    expect(valueText(false, "")).toBe("否");
  });
  it("has no needless figures", () => {
    expect(figure(0.1 + 0.2)).toBe("0.3");
    expect(figure(1200)).toBe("1200");
  });
  it("is typed as its kind asks for", () => {
    expect(inputOf(0, "on_delay_s")).toBe("number");
    expect(inputOf(null, "time_to_respond_s")).toBe("number");
    expect(inputOf("HH", "when.side", "one of HH, H, L, LL")).toBe("choice");
    expect(choicesOf("when.side", "one of HH, H, L, LL")).toEqual(["HH", "H", "L", "LL"]);
    expect(inputOf(["a"], "when.others", "list of tags")).toBe("none");
    expect(inputOf(true, "latched")).toBe("yes");
  });
  it("that cannot be read as a number is none", () => {
    expect(typed("9,5", "number")).toBe(9.5);
    expect(typed("", "number")).toBeUndefined();
    expect(typed("nine", "number")).toBeUndefined();
    expect(typed("true", "yes")).toBe(true);
  });
  it("stands where people look for it", () => {
    const fields = ["response", "on_delay_s", "when.window_s", "when.setpoint"];
    expect([...fields].sort((a, b) => rankOf(a) - rankOf(b))).toEqual([
      "when.setpoint",
      "when.window_s",
      "on_delay_s",
      "response",
    ]);
  });
});
