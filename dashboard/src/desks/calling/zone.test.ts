// @vitest-environment jsdom
import { afterEach, expect, it } from "vitest";
import { language } from "@/words/language";
import { clockIn, dayText, momentIn } from "./zone";

const NIGHT = Date.UTC(2026, 10, 22, 16, 5) * 1e6;
const before = language.value;
afterEach(() => (language.value = before));

it.each([
  ["zh", "周一", "周日"],
  ["en", "Mon", "Sun"],
] as const)(
  "writes month, day and hour in one order and the weekday in the language (%s)",
  (chosen, mon, sun) => {
    language.value = chosen;
    expect(momentIn("Asia/Shanghai", NIGHT)).toBe(`11-23 ${mon} 00:05`);
    expect(momentIn("UTC", NIGHT)).toBe(`11-22 ${sun} 16:05`);
    expect(clockIn("Asia/Shanghai", NIGHT)).toBe("00:05");
    expect(dayText("2026-11-22")).toBe(`11-22 ${sun}`);
  },
);
