// The live link: a snapshot, numbered deltas, a heartbeat each second. It comes back by itself, and asks for
// a new snapshot when a number is missing.
//
// The browser's own clock is never trusted for ages: every message carries the service's time, and what has
// passed since is measured by a clock that nobody can set (performance.now).

import type { Schemas } from "@/service/client";

export type Alarm = Schemas["AlarmView"];
export type ValueRow = readonly [point: string, sourceTime: number, value: number | null, quality: string];
export interface Feed {
  gateway: string;
  gateway_time: number;
  heard_ago_s: number;
  silent: boolean;
}
export interface News {
  topic: string;
  subject: string;
  enterprise: string;
}
interface Standing {
  seq: number;
  server_time: number;
  open_alarms: number;
  feeds: Feed[];
}
interface Changes {
  alarms: Alarm[];
  values: { gateway: string; rows: ValueRow[] }[];
  news?: News[];
}
export type Message =
  (Standing & Changes & { type: "snapshot" | "delta" }) | (Standing & { type: "heartbeat" });

/** What a screen shows: values come for these only. */
export interface Watch {
  installations: string[];
  points: string[];
}

export interface Hearing {
  /** `anew`: the first one after a connection was lost or did not come about: the service may be another. */
  snapshot(message: Standing & Changes, anew: boolean): void;
  delta(message: Standing & Changes): void;
  heartbeat(message: Standing): void;
  /** The key or the login is refused. */
  refused(): void;
}

export const LOST_AFTER_MS = 2500;
const AGAIN_AFTER_MS = [250, 500, 1000, 2000, 4000];
const KEY_REFUSED = 4401;
const NOT_ALLOWED = 4403;

export class LiveLink {
  private socket: WebSocket | null = null;
  private sequence: number | null = null;
  private heardAt: number | null = null;
  private openedAt = 0;
  private tries = 0;
  private anew = false;
  private ended = false;
  private watching: Watch | null = null;
  private readonly look: ReturnType<typeof setInterval>;

  constructor(
    private readonly key: () => string,
    private readonly hearing: Hearing,
  ) {
    this.look = setInterval(() => this.lookAfter(), 250);
    this.open();
  }

  /** Milliseconds since the last message; null before the first. */
  get silentFor(): number | null {
    return this.heardAt === null ? null : performance.now() - this.heardAt;
  }

  /** Say what is shown; a snapshot of that follows. */
  watch(wanted: Watch): void {
    this.watching = wanted;
    this.say({ type: "watch", ...wanted });
    this.sequence = null;
  }

  resync(): void {
    this.sequence = null;
    this.say({ type: "resync" });
  }

  end(): void {
    this.ended = true;
    clearInterval(this.look);
    this.socket?.close();
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private open(): void {
    this.anew ||= this.openedAt > 0;
    this.openedAt = performance.now();
    this.sequence = null;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
    this.socket = socket;
    socket.onopen = () => {
      const key = this.key();
      this.say({
        type: "hello",
        ...(key ? { key } : {}),
        ...(this.watching ? { watch: this.watching } : {}),
      });
    };
    socket.onmessage = (message) => {
      if (socket === this.socket) this.take(JSON.parse(message.data as string) as Message);
    };
    socket.onclose = (closing) => {
      if (socket === this.socket) this.closed(closing.code);
    };
  }

  private closed(code: number): void {
    if (this.ended) return;
    this.sequence = null;
    if (code === KEY_REFUSED || code === NOT_ALLOWED) {
      this.end();
      this.hearing.refused();
      return;
    }
    const wait = AGAIN_AFTER_MS[Math.min(this.tries, AGAIN_AFTER_MS.length - 1)] ?? 4000;
    this.tries += 1;
    // Many screens that lost the same service do not come back in the same moment.
    setTimeout(() => this.ended || this.open(), wait * (0.75 + Math.random() / 2));
  }

  private take(message: Message): void {
    this.heardAt = performance.now();
    this.tries = 0;
    if (message.type === "snapshot") {
      this.sequence = message.seq;
      this.hearing.snapshot(message, this.anew);
      this.anew = false;
    } else if (this.sequence === null) {
      this.hearing.heartbeat(message);
    } else if (message.type === "delta" && message.seq === this.sequence + 1) {
      this.sequence = message.seq;
      this.hearing.delta(message);
    } else if (message.type === "heartbeat" && message.seq === this.sequence) {
      this.hearing.heartbeat(message);
    } else {
      this.resync();
    }
  }

  /** A dead link does not always say so: no heartbeat means no link. */
  private lookAfter(): void {
    const quiet = performance.now() - Math.max(this.heardAt ?? 0, this.openedAt);
    const state = this.socket?.readyState;
    const open = state === WebSocket.OPEN || state === WebSocket.CONNECTING;
    if (!open || quiet < 2 * LOST_AFTER_MS) return;
    const dead = this.socket;
    this.socket = null;
    dead?.close();
    this.open();
  }
}
