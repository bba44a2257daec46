import { describe, expect, it } from "vitest";
import { entryOf } from "./version";

describe("the entry of a page", () => {
  it("is its module script, in whatever order its attributes stand", () => {
    const built =
      '<link href="/app/a.css"><script type="module" crossorigin src="/app/assets/index-A1.js"></script>';
    expect(entryOf(built)).toBe("/app/assets/index-A1.js");
    expect(entryOf('<script src="/app/assets/index-B2.js" type="module"></script>')).toBe(
      "/app/assets/index-B2.js",
    );
  });

  it("is nothing of a page that is not ours", () => {
    expect(entryOf("<html><script src='x.js'></script></html>")).toBeNull();
    expect(entryOf("502 Bad Gateway")).toBeNull();
  });
});
