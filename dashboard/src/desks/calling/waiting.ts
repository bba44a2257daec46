// Some changes wait for a second person: the service then answers with the id of the proposal.

import { ref } from "vue";

export interface Waits {
  proposal: string;
}

export const waits = (answered: unknown): answered is Waits =>
  typeof answered === "object" && answered !== null && "proposal" in answered;

/** Remembers that the last change waits. */
export function useWaiting() {
  const waiting = ref(false);
  return {
    waiting,
    /** Was it made at once? */
    note(answered: unknown): boolean {
      waiting.value = waits(answered);
      return answered !== undefined && !waiting.value;
    },
  };
}
