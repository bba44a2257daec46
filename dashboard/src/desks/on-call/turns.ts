// When a person is on call, from the final schedules of the rotas in sight.

export interface Span {
  start: number;
  end: number;
  receivers: readonly string[];
}
export interface Turn {
  rota: string;
  start: number;
  end: number;
  /** It goes on at the end of what was looked at: `end` is where the looking ended, not the turn. */
  lasting: boolean;
}
/** Who gives away a turn without an end gives so much of it. */
const GIVEN_NS = 14 * 86_400e9;

/** A person's turns in one rota, looked at `until` then, those that follow each other put together; ns UTC. */
export function turnsOf(rota: string, spans: readonly Span[], receiver: string, until: number): Turn[] {
  const turns: Turn[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (!span.receivers.includes(receiver)) continue;
    const last = turns.at(-1);
    if (last && last.end === span.start) last.end = span.end;
    else turns.push({ rota, start: span.start, end: span.end, lasting: false });
  }
  for (const turn of turns) turn.lasting = turn.end >= until;
  return turns;
}

/** The turn of this moment (the one that ends last), and the next one after it. */
export function standing(turns: readonly Turn[], now: number): { current: Turn | null; next: Turn | null } {
  const current = turns
    .filter((turn) => turn.start <= now && now < turn.end)
    .sort((a, b) => b.end - a.end)[0];
  const next = turns.filter((turn) => turn.start > now).sort((a, b) => a.start - b.start)[0];
  return { current: current ?? null, next: next ?? null };
}

/** What of a turn is given away from `start` on: all of the rest, or two weeks of one that has no end. */
export const givenUntil = (turn: Turn, start: number): number =>
  turn.lasting ? Math.min(turn.end, start + GIVEN_NS) : turn.end;
