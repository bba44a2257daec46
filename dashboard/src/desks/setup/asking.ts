// The set-up's own requests: every one carries the one-time code, which this tab keeps until the end.

import { ref } from "vue";
import { answer, client, type Schemas } from "@/service/client";

const KEPT = "hazardwatch.setup";

/** The code may arrive behind the # of the address, which browsers send to no server. */
function taken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get("code");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

export const code = ref(taken());

export function keepCode(given: string): void {
  code.value = given.trim();
  if (code.value) sessionStorage.setItem(KEPT, code.value);
  else sessionStorage.removeItem(KEPT);
}

const own = () => ({ headers: { Authorization: `Bearer ${code.value}` } });

export const setUp = {
  steps: () => answer(client.GET("/setup", own())),
  choices: () => answer(client.GET("/setup/choices", own())),
  sample: () => answer(client.GET("/setup/first-sample", own())),
  administrator: (body: Schemas["AdministratorRequest"]) =>
    answer(client.POST("/setup/administrator", { body, ...own() })),
  enterprise: (body: Schemas["EnterpriseRequest"]) =>
    answer(client.POST("/setup/enterprise", { body, ...own() })),
  gateway: (gateway: string) => answer(client.POST("/setup/gateway", { body: { gateway }, ...own() })),
  finish: () => answer(client.POST("/setup/finish", own())),
};
