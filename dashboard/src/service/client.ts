// The HTTP side, typed by the service's own description: `await answer(client.GET("/points", {...}))`.

import createClient, { type Middleware } from "openapi-fetch";
import { language } from "@/words/language";
import { proof } from "./proof";
import { asProblem, Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const TIMEOUT_MS = 15_000;
const CHANGES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const listeners = new Set<(problem: Problem) => void>();

/** Called with every refusal that says the login is no longer good. */
export function onLoggedOut(call: (problem: Problem) => void): void {
  listeners.add(call);
}

const identity: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", language.value);
    if (proof.key) request.headers.set("Authorization", `Bearer ${proof.key}`);
    else if (proof.csrf && CHANGES.has(request.method)) request.headers.set("X-Hazardwatch-CSRF", proof.csrf);
    return request;
  },
};

export const client = createClient<paths>({
  baseUrl: location.origin,
  // Looked up at each call, so that a page that was told to wait can be.
  fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
});
client.use(identity);

/** The body of an answer. Throws Problem for everything that is not a success. */
export async function answer<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> {
  let given;
  try {
    given = await asked;
  } catch (error) {
    throw asProblem(error);
  }
  if (given.response.ok) return given.data as NonNullable<T>;
  const problem = problemOf(given.response.status, given.error);
  if (problem.status === 401) listeners.forEach((call) => call(problem));
  throw problem;
}
