// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { agoText, bytesText, clockDifference, measureText, secondsText } from "./measures";

beforeEach(() => setLanguage("en"));

describe("measures", () => {
  it("give bytes in the step that a person reads", () => {
    expect([bytesText(0), bytesText(1023), bytesText(1536), bytesText(5 * 2 ** 30)]).toEqual([
      "0 B",
      "1023 B",
      "1.5 KiB",
      "5.0 GiB",
    ]);
  });
  it("keep the hundredths of a short span and the sign of a difference", () => {
    expect([secondsText(0.034), secondsText(-0.5), secondsText(4.21), secondsText(125)]).toEqual([
      "0.03 s",
      "-0.50 s",
      "4.2 s",
      "2 min 5 s",
    ]);
  });
  it("tell ages in whole seconds and never as being ahead", () => {
    expect([agoText(-0.17), agoText(0.49), agoText(644)]).toEqual(["0 s", "0 s", "10 min 44 s"]);
    setLanguage("zh");
    expect([agoText(644), secondsText(0.5)]).toEqual(["10 分 44 秒", "0.50 秒"]);
  });
  it("show nothing that could not be read", () => {
    expect(measureText(null, "s")).toBe("—");
  });
});

describe("the difference of the clocks", () => {
  const gateway = { name: "gw1", clock_difference_s: -0.08 };
  const check = { kind: "clock_offset", about: "gw1", value: 0 };

  it("is the one that the self-check judges, wherever it stands", () => {
    expect(clockDifference(gateway, [check])).toBe(0);
  });
  it("is what was delivered as long as no check of this gateway has a value", () => {
    expect(clockDifference(gateway, [{ ...check, about: "gw2" }])).toBe(-0.08);
    expect(clockDifference(gateway, [{ ...check, value: null as never }])).toBe(-0.08);
  });
});
