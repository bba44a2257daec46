// The live link: snapshot, numbered deltas, heartbeat. Comes back by itself and asks anew after a gap.
//
// The browser's own clock is never trusted for ages: every message carries the service's time, and the
// time that has passed since is measured by a clock that nobody can set (performance.now).

const LOST_AFTER_MS = 2500;
const AGAIN_AFTER_MS = [250, 500, 1000, 2000, 4000];
const KEY_REFUSED = 4401;

export class LiveLink {
  constructor(key, handlers) {
    this.key = key;
    this.handlers = handlers;
    this.sequence = null;
    this.heardAt = null;
    this.serverTime = null;
    this.tries = 0;
    this.ended = false;
    this.watch = setInterval(() => this.#look(), 250);
    this.#open();
  }

  // Milliseconds since the last message; null before the first.
  get silentFor() {
    return this.heardAt === null ? null : performance.now() - this.heardAt;
  }

  get alive() {
    return this.silentFor !== null && this.silentFor < LOST_AFTER_MS;
  }

  // The service's clock now, in milliseconds; null before the first message.
  get now() {
    return this.serverTime === null ? null : this.serverTime + this.silentFor;
  }

  end() {
    this.ended = true;
    clearInterval(this.watch);
    this.socket?.close();
  }

  #open() {
    this.openedAt = performance.now();
    const address = new URL("/live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    this.sequence = null;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", key: this.key }));
    socket.onmessage = (message) => socket === this.socket && this.#take(JSON.parse(message.data));
    socket.onclose = (closing) => socket === this.socket && this.#closed(closing.code);
  }

  #closed(code) {
    if (this.ended) return;
    if (code === KEY_REFUSED) {
      this.end();
      this.handlers.refused();
      return;
    }
    const wait = AGAIN_AFTER_MS[Math.min(this.tries, AGAIN_AFTER_MS.length - 1)];
    this.tries += 1;
    setTimeout(() => this.ended || this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #take(message) {
    this.heardAt = performance.now();
    this.serverTime = message.server_time / 1e6;
    this.tries = 0;
    if (message.type === "snapshot") {
      this.sequence = message.seq;
      this.handlers.snapshot(message);
    } else if (message.type === "delta" && message.seq === this.sequence + 1) {
      this.sequence = message.seq;
      this.handlers.delta(message);
    } else if (message.type === "heartbeat" && message.seq === this.sequence) {
      this.handlers.heartbeat(message);
    } else if (this.sequence !== null) {
      this.resync();
    }
  }

  // Something was missed, or the desk wants all of it again.
  resync() {
    this.sequence = null;
    this.socket.send(JSON.stringify({ type: "resync" }));
  }

  // A dead link does not always say so: no heartbeat means no link.
  #look() {
    const quiet = performance.now() - Math.max(this.heardAt ?? 0, this.openedAt);
    const open = this.socket.readyState === WebSocket.OPEN || this.socket.readyState === WebSocket.CONNECTING;
    if (open && quiet > 2 * LOST_AFTER_MS) {
      const dead = this.socket;
      this.socket = null;
      dead.close();
      this.#open();
    }
    this.handlers.tick();
  }
}
