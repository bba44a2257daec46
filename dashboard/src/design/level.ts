// The bureau's four warning levels, and how many bars stand for each: colour never stands alone.

export type Level = "red" | "orange" | "yellow" | "blue";
export const BARS: Readonly<Record<Level | "none", number>> = {
  red: 4,
  orange: 3,
  yellow: 2,
  blue: 1,
  none: 0,
};
