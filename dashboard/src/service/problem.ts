// What went wrong with a request, for people: a sentence in their language, and the server's own words.

import { words } from "@/words/words";

export class Problem extends Error {
  constructor(
    /** HTTP status; 0: no answer, -1: none in time. */
    readonly status: number,
    /** The problem's name, as `action-refused`. */
    readonly kind: string,
    /** The server's words, in the language that was asked for. */
    readonly detail: string,
    /** Further members of the problem. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail || kind || `status ${status}`);
  }

  get sentence(): string {
    const say = words.value.problem;
    if (this.status === 0) return say.away;
    if (this.status === -1) return say.timeout;
    if (this.kind.startsWith("gateway")) return say.gateway;
    if (this.kind.startsWith("history")) return say.history;
    const known: Record<number, string> = {
      401: say.loggedOut,
      403: say.permission,
      404: say.notFound,
      409: say.conflict,
      412: say.conflict,
      422: say.invalid,
      429: say.tooMany,
    };
    return known[this.status] ?? say.failed(this.status);
  }
}

const PREFIX = "urn:hazardwatch:problem:";

export function problemOf(status: number, body: unknown): Problem {
  const { type, detail, ...more } = (body ?? {}) as { type?: string; detail?: string };
  return new Problem(status, (type ?? "").replace(PREFIX, ""), detail ?? "", more);
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") return new Problem(-1, "timeout", "");
  if (error instanceof TypeError) return new Problem(0, "away", "");
  return new Problem(0, "error", String(error));
}
