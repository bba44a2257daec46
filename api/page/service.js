// The HTTP side: requests in the name of the person, errors as { kind, status }.

const KEPT = "hazardwatch.key";
const KINDS = {
  "gateway-unreachable": "gatewayUnreachable",
  "history-unavailable": "historyUnavailable",
  "unknown-point": "unknownPoint",
  "action-refused": "actionRefused",
  "role-required": "roleRequired",
  "key-required": "keyRefused",
};

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `status ${status}`);
    this.status = status;
    const kind = (problem.type ?? "").replace("urn:hazardwatch:problem:", "");
    this.text = KINDS[kind] ?? null;
  }
}

// The key may arrive behind the # of the address, which browsers do not send to any server.
export function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT);
}

export function keepKey(key) {
  sessionStorage.setItem(KEPT, key);
}

export function forgetKey() {
  sessionStorage.removeItem(KEPT);
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEPT) ?? ""}`, ...options.headers };
  const response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(15000) });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem);
  }
  return response.json();
}

export function me() {
  return ask("/me");
}

export async function allPoints() {
  const points = [];
  let after = null;
  do {
    const more = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    const page = await ask(`/points?limit=2000${more}`);
    points.push(...page.points);
    after = page.next;
  } while (after !== null);
  return points;
}

export function acknowledge(id) {
  return ask(`/alarms/${encodeURIComponent(id)}/acknowledge`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
}

export function trend(point, startMs, endMs, maxPoints) {
  const path = point.split("/").map(encodeURIComponent).join("/");
  const range = `start=${BigInt(Math.floor(startMs)) * 1000000n}&end=${BigInt(Math.floor(endMs)) * 1000000n}`;
  return ask(`/points/${path}/trend?${range}&max_points=${maxPoints}`);
}
