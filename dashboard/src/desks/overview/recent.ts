// The last hour of points that are shown: history once, then what comes live. Kept a while after nobody shows
// them, so that scrolling to and fro asks nothing twice.

import {
  onScopeDispose,
  shallowRef,
  toValue,
  triggerRef,
  watch,
  type MaybeRefOrGetter,
  type ShallowRef,
} from "vue";
import { onValues, serviceNow, values } from "@/live/desk";
import { onPoint } from "@/live/values";
import type { Row } from "./course";
import { askTrend } from "./trend/asking";

const HOUR_S = 3600;
const HISTORY_POINTS = 480;
const KEPT_AFTER_MS = 60_000;
const MOST_AT_ONCE = 3;
/** What is missed for longer is asked for again. */
const HOLE_S = 20;

export interface Recent {
  rows: Row[];
  /** null: not asked yet; false: it could not be read. */
  history: boolean | null;
}
interface Kept {
  recent: ShallowRef<Recent>;
  users: number;
  stop: () => void;
  forget: ReturnType<typeof setTimeout> | undefined;
}
const kept = new Map<string, Kept>();
const queue: string[] = [];
let asking = 0;

function append(id: string, recent: Recent): void {
  const newest = values.get(id);
  if (!newest) return;
  const time = newest.sourceTime / 1000;
  const last = recent.rows.at(-1)?.time ?? 0;
  if (time <= last) return;
  if (last && time - last > HOLE_S && recent.history) ask(id);
  recent.rows.push({ time, value: newest.value, quality: newest.quality });
  if ((recent.rows[0]?.time ?? time) < time - 1.1 * HOUR_S) {
    recent.rows = recent.rows.filter((row) => row.time >= time - HOUR_S);
  }
}

function ask(id: string): void {
  if (!queue.includes(id)) queue.push(id);
  void work();
}

async function work(): Promise<void> {
  while (queue.length && asking < MOST_AT_ONCE) {
    const id = queue.shift();
    const holder = id === undefined ? undefined : kept.get(id);
    if (id === undefined || !holder) continue;
    asking += 1;
    try {
      await fill(id, holder);
    } finally {
      asking -= 1;
    }
  }
}

async function fill(id: string, holder: Kept): Promise<void> {
  const recent = holder.recent.value;
  try {
    const to = serviceNow() / 1000;
    const trend = await askTrend(id, to - HOUR_S, to + 1, HISTORY_POINTS);
    const history = trend.source_time.map((ns, i): Row => ({
      time: ns / 1e9,
      value: trend.value[i] ?? null,
      quality: trend.quality[i] ?? "bad",
    }));
    const last = history.at(-1)?.time ?? 0;
    recent.rows = [...history, ...recent.rows.filter((row) => row.time > last)];
    recent.history = true;
  } catch {
    // What is live goes on without it; the page of the point tells why history fails.
    recent.history = false;
  }
  triggerRef(holder.recent);
}

function take(id: string): Kept {
  let holder = kept.get(id);
  if (!holder) {
    const recent = shallowRef<Recent>({ rows: [], history: null });
    holder = { recent, users: 0, stop: onPoint(id, () => append(id, recent.value)), forget: undefined };
    kept.set(id, holder);
    append(id, recent.value);
    ask(id);
  }
  clearTimeout(holder.forget);
  holder.users += 1;
  return holder;
}

function leave(id: string): void {
  const holder = kept.get(id);
  if (!holder || --holder.users > 0) return;
  holder.forget = setTimeout(() => {
    holder.stop();
    kept.delete(id);
  }, KEPT_AFTER_MS);
}

// A new snapshot after a lost link: what was missed in between is asked for by `append`.
onValues((points) => {
  if (points === null) for (const [id, holder] of kept) append(id, holder.recent.value);
});

/** Rows grow in place; what is read is triggered when history has arrived. Read it again as often as needed. */
export function useRecents(points: MaybeRefOrGetter<readonly string[]>): { of: (point: string) => Recent } {
  const held = shallowRef(new Map<string, Kept>());
  watch(
    () => toValue(points).join("\n"),
    () => {
      const next = new Map(toValue(points).map((id) => [id, take(id)]));
      held.value.forEach((_, id) => leave(id));
      held.value = next;
    },
    { immediate: true },
  );
  onScopeDispose(() => held.value.forEach((_, id) => leave(id)));
  return { of: (point) => held.value.get(point)?.recent.value ?? { rows: [], history: null } };
}

export function useRecent(point: MaybeRefOrGetter<string>): { now: () => Recent } {
  const recents = useRecents(() => [toValue(point)]);
  return { now: () => recents.of(toValue(point)) };
}
