// What is said beside a value that is not good: its quality in words; "" for one that is.

import type { Reading } from "@/live/readings";
import { wordFor } from "@/words/language";
import { words } from "@/words/words";

export function remarkOf({ grade, quality }: Pick<Reading, "grade" | "quality">): string {
  if (grade === "unused") return words.value.outOfService;
  if (grade === "silent" && !quality.startsWith("bad")) return words.value.noData;
  return quality === "good" ? "" : wordFor(words.value.quality, quality);
}
