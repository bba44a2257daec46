// What an import takes away, which a second person has to agree to, in the reader's language. The service keeps
// each as a line with the proposal: `E001/TK1.TT1 changed; range_high: 12 → 11`, and `and 3 more` at the end.

import { fieldName } from "@/desks/rules/kindWords";
import { defineWords, labelled } from "@/words/language";
import { pointFieldName } from "./fieldWords";

const words = defineWords({
  zh: {
    kind: { removed: "删除", changed: "修改", disabled: "停用" },
    between: "；",
    more: (lines: string) => `另有 ${lines} 项`,
  },
  en: {
    kind: { removed: "removed", changed: "changed", disabled: "switched off" },
    between: "; ",
    more: (lines: string) => `and ${lines} more`,
  },
});
const LINE = /^(\S+) (removed|changed|disabled)((?:; .*)?)$/s;
const FIELD = /; ([\w.]+): /g;
const MORE = /^and (\d+) more$/;

function nameOf(field: string): string {
  const known = pointFieldName(field);
  return known === field ? fieldName(field) : known;
}

/** A line as it is read; what is no such line stays as it is. */
export function loosenedText(line: string): string {
  const more = MORE.exec(line)?.[1];
  if (more) return words.value.more(more);
  const [, id = "", kind, fields = ""] = LINE.exec(line) ?? [];
  if (!kind) return line;
  const said = fields.replace(
    FIELD,
    (_all, field: string) => `${words.value.between}${labelled(nameOf(field), "")}`,
  );
  return `${id} ${words.value.kind[kind as "changed"]}${said}`;
}
