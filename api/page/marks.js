// One shape for each priority, so that colour is never the only sign. Filled: nobody has answered.

import { shape } from "./dom.js";
import { say } from "./texts.js";

const OUTLINES = {
  CRITICAL: "M8 1 15 8 8 15 1 8Z",
  HIGH: "M8 1.5 15 14.5H1Z",
  MEDIUM: "M2 2H14V14H2Z",
  LOW: "M8 2A6 6 0 1 1 7.99 2Z",
};

export function mark(alarm) {
  const drawn = shape(
    "svg",
    { viewBox: "0 0 16 16", class: `mark ${alarm.priority} ${alarm.state}`, role: "img" },
    shape("path", { d: OUTLINES[alarm.priority] }),
  );
  drawn.setAttribute("aria-label", `${say(alarm.priority)} ${say(alarm.state)}`);
  return drawn;
}
