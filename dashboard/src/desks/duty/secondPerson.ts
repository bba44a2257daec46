// A second person signs on a screen where somebody else is logged in.
//
// The login is a person's own and short: it is used for these requests alone, never kept, and ended at once.

import createClient from "openapi-fetch";
import { answer } from "@/service/client";
import { asProblem, problemOf } from "@/service/problem";
import type { paths } from "@/service/schema";
import { language } from "@/words/language";

const TIMEOUT_MS = 15_000;

/** Log somebody in for a signature. Throws Problem: `second-factor-required` asks for a code. */
export async function secondPerson(user: string, password: string, code: string) {
  const token = await tokenOf(user, password, code);
  const own = createClient<paths>({
    baseUrl: location.origin,
    // Without cookies: those are the other person's.
    credentials: "omit",
    headers: { Authorization: `Bearer ${token}`, "Accept-Language": language.value },
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
  });
  const me = await answer(own.GET("/me"));
  const path = (desk: string) => ({ params: { path: { desk_id: desk } } });
  return {
    name: me.name,
    desk: (desk: string) => answer(own.GET("/shifts/desks/{desk_id}", path(desk))),
    read: (desk: string, entries: number[]) =>
      answer(own.POST("/shifts/desks/{desk_id}/read", { ...path(desk), body: { entries } })),
    take: (desk: string) => answer(own.POST("/shifts/desks/{desk_id}/take", path(desk))),
    leave: () => own.POST("/session/logout").catch(() => undefined),
  };
}
export type SecondPerson = Awaited<ReturnType<typeof secondPerson>>;

async function tokenOf(user: string, password: string, code: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: "password", username: user, password, totp: code });
  let response;
  try {
    response = await fetch("/session/token", {
      method: "POST",
      body: form,
      credentials: "omit",
      headers: { "Accept-Language": language.value },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw asProblem(error);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return (body as { access_token: string }).access_token;
}
