// The first thing to do, where there is no room for all of them.

const END = /[。！？；]|[.!?;](?=\s)/;

/** Up to the first end of a sentence, with its mark; the whole text where there is none. */
export function firstSentence(text: string): string {
  const end = END.exec(text);
  return end ? text.slice(0, end.index + 1) : text;
}
