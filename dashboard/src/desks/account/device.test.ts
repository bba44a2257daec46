// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { deviceText } from "./device";

beforeEach(() => setLanguage("en"));

describe("a device", () => {
  it.each([
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
      "Computer · Linux · Chrome",
    ],
    ["Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Phone · Android · Chrome"],
    ["Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Computer · Windows · Edge"],
    ["python-httpx/0.27", "Program python-httpx/0.27"],
    ["", "Unknown device"],
  ])("is named after what it says: %s", (agent, name) => {
    expect(deviceText(agent)).toBe(name);
  });
});
