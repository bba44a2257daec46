import { describe, expect, it } from "vitest";
import { firstSentence } from "./sentence";

describe("firstSentence", () => {
  it("ends with the mark of either language", () => {
    expect(firstSentence("停止进料。现场确认液位。")).toBe("停止进料。");
    expect(firstSentence("Stop the feed. Confirm the level.")).toBe("Stop the feed.");
  });
  it("does not end at the point of a number", () => {
    expect(firstSentence("Hold below 0.85 MPa, then vent. Report.")).toBe("Hold below 0.85 MPa, then vent.");
  });
  it("is the whole text where there is only one", () => {
    expect(firstSentence("停止进料")).toBe("停止进料");
  });
});
