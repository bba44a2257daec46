import { describe, expect, it } from "vitest";
import { clearFirst, freePlace, type Box } from "./trendLabels";

const box = (left: number, top: number): Box => ({ left, right: left + 40, top, bottom: top + 14 });

describe("freePlace", () => {
  it("gives the first place while nothing stands there, and takes it", () => {
    const taken: Box[] = [];
    expect(freePlace([box(0, 0), box(0, 20)], taken)).toEqual(box(0, 0));
    expect(freePlace([box(0, 0), box(0, 20)], taken)).toEqual(box(0, 20));
  });
  it("goes on to the next place where a label would be covered in part", () => {
    expect(freePlace([box(10, 10), box(10, 14)], [box(0, 0)])).toEqual(box(10, 14));
  });
  it("gives none when every place is taken", () => {
    expect(freePlace([box(0, 0), box(0, 5)], [box(0, 2)])).toBeUndefined();
  });
});

describe("clearFirst", () => {
  const line: Box = { left: 0, right: 500, top: 9, bottom: 11 };
  it("puts the places that a line of another limit runs through behind the others", () => {
    expect(clearFirst([box(0, 0), box(0, 20)], [line])).toEqual([box(0, 20), box(0, 0)]);
  });
  it("leaves the order where each is run through", () => {
    expect(clearFirst([box(0, 0), box(30, 5)], [line])).toEqual([box(0, 0), box(30, 5)]);
  });
});
