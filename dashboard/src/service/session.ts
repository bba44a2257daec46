// Who is logged in, and what that person may do.

import { computed, reactive, readonly } from "vue";
import { answer, client, onLoggedOut, type Schemas } from "./client";
import { Problem } from "./problem";
import { proof } from "./proof";

export type Person = Schemas["AuthPersonView"];
type Stage = "asking" | "out" | "in" | "away" | "not-set-up";

const state = reactive({ stage: "asking" as Stage, person: null as Person | null, ended: false });
let refreshTimer: ReturnType<typeof setTimeout> | undefined;

export const session = readonly(state);
export const person = computed(() => state.person);

export function may(permission: string): boolean {
  return state.person?.permissions.includes(permission) ?? false;
}

/**
 * Find out at the start: a key or a living login, or the log-in page. A browser that has neither a key nor the
 * mark that comes with a login is not logged in: it need not ask who it is, only whether there is a site.
 */
export async function begin(): Promise<void> {
  try {
    if (!proof.key && !proof.csrf) {
      const { set_up: isSetUp } = await answer(client.GET("/health/live"));
      if (isSetUp) leave(false);
      else state.stage = "not-set-up";
      return;
    }
    settle(await answer(client.GET("/me")));
    if (!proof.key) await refresh();
  } catch (error) {
    const problem = error as Problem;
    if (problem.kind === "not-set-up") state.stage = "not-set-up";
    else if (problem.status === 401 && !proof.key && proof.csrf && (await refresh())) return;
    else if (problem.status === 401) leave(false);
    else state.stage = "away";
  }
}

/** Throws Problem: `second-factor-required` asks for a code, `login-throttled` for patience. */
export async function logIn(user: string, password: string, code: string): Promise<void> {
  proof.forget();
  const login = await answer(client.POST("/session/login", { body: { user, password, code } }));
  plan(login.expires_in_s);
  settle(login);
}

export async function useKey(key: string): Promise<void> {
  proof.keep(key);
  try {
    settle(await answer(client.GET("/me")));
  } catch (error) {
    proof.forget();
    throw error;
  }
}

export async function logOut(): Promise<void> {
  if (!proof.key) await client.POST("/session/logout").catch(() => undefined);
  leave(false);
}

/** Asked again after a change of one's own account. */
export async function askAgain(): Promise<void> {
  settle(await answer(client.GET("/me")));
}

async function refresh(): Promise<boolean> {
  try {
    const login = await answer(client.POST("/session/refresh"));
    plan(login.expires_in_s);
    settle(login);
    return true;
  } catch (error) {
    // Without an answer the login may still be good: try again soon.
    if ((error as Problem).status <= 0 || (error as Problem).status >= 500) plan(20);
    else leave(true);
    return false;
  }
}

function plan(expiresInS: number): void {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => void refresh(), Math.max(5, expiresInS * 0.6) * 1000);
}

function settle(known: Person): void {
  state.person = known;
  state.ended = false;
  state.stage = "in";
}

function leave(ended: boolean): void {
  clearTimeout(refreshTimer);
  proof.forget();
  state.person = null;
  state.ended = ended;
  state.stage = "out";
}

onLoggedOut((problem) => {
  if (state.stage !== "in" || problem.kind === "login-refused") return;
  if (proof.key) leave(true);
  else void refresh();
});
