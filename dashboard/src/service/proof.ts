// How this browser says who is speaking: a key from the address (kept for this tab), or a login's cookies.

const KEPT = "hazardwatch.key";

function cookie(name: string): string {
  const found = document.cookie
    .split("; ")
    .find((one) => one.startsWith(`${name}=`) || one.startsWith(`__Host-${name}=`));
  return found ? decodeURIComponent(found.slice(found.indexOf("=") + 1)) : "";
}

/** The key may arrive behind the # of the address, which browsers send to no server. */
function takeKey(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

export const proof = {
  key: takeKey(),
  get csrf(): string {
    return cookie("hw_csrf");
  },
  keep(key: string): void {
    sessionStorage.setItem(KEPT, key);
    this.key = key;
  },
  forget(): void {
    sessionStorage.removeItem(KEPT);
    this.key = "";
  },
};
