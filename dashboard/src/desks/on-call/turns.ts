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
}

/** A person's turns in one rota, those that follow each other put together; ns UTC. */
export function turnsOf(rota: string, spans: readonly Span[], receiver: string): Turn[] {
  const turns: Turn[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (!span.receivers.includes(receiver)) continue;
    const last = turns.at(-1);
    if (last && last.end === span.start) last.end = span.end;
    else turns.push({ rota, start: span.start, end: span.end });
  }
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
