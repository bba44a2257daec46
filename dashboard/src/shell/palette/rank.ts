// How well a text answers what was typed: every word must occur; at the beginning is best.

const WHOLE = 4;
const BEGINNING = 3;
const WORD = 2;
const INSIDE = 1;

const scoreOfWord = (text: string, word: string): number => {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (at === 0) return text.length === word.length ? WHOLE : BEGINNING;
  return /[\s./·_-]/.test(text[at - 1] ?? "") ? WORD : INSIDE;
};

/** 0: no answer. The best of several names of one thing counts for each word. */
export function score(names: readonly string[], typed: string): number {
  const texts = names.map((name) => name.toLocaleLowerCase());
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const scores = words.map((word) => Math.max(0, ...texts.map((text) => scoreOfWord(text, word))));
  return scores.length && scores.every(Boolean)
    ? scores.reduce((sum, one) => sum + one, 0) / scores.length
    : 0;
}

/** Those that answer, the best first, and of equal ones as they stood. */
export function ranked<T>(
  things: readonly T[],
  namesOf: (thing: T) => readonly string[],
  typed: string,
): T[] {
  return things
    .map((thing) => ({ thing, score: score(namesOf(thing), typed) }))
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((one) => one.thing);
}
