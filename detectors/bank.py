"""All rules of a gateway: samples in, changes out.

`Bank.step` is a pure function of its state, the batch and the batch's received_time; nothing here
reads a clock. However the samples that share a received_time are split into batches, the changes are
the same.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from detectors import delays
from detectors.catalogue import kind
from detectors.changes import CAUSES, Changes, make_change_columns, take, with_room
from detectors.columns import NO_INTEGERS, NO_SAMPLES, as_samples, survey
from detectors.contract import (
    NEVER,
    SECOND_NS,
    Bool,
    Edges,
    Int32,
    Int64,
    Samples,
)
from detectors.quality import FIRST_BAD
from detectors.rows import KindRows, RuleRow, make_kind_rows
from detectors.snapshot import Column, KindPart, Snapshot, pack, unpack

__all__ = ["CAUSES", "ActiveRules", "Bank", "Changes", "RuleRow"]


class ActiveRules(NamedTuple):
    rule: Int32
    onset: Int64
    held: Bool  # the condition is over, and the latch alone holds the episode


class Bank:
    """Detectors, delays and latches of all rules over `points` points.

    Raises UnknownDetector for an unknown kind, ValueError for a point that does not exist or an id
    that stands twice.
    """

    def __init__(self, rules: Sequence[RuleRow], points: int) -> None:
        ids = {row.rule for row in rules}
        if len(ids) != len(rules):
            raise ValueError(
                f"{len(rules) - len(ids)} rule ids stand twice: every rule needs an id of its own"
            )
        for row in rules:
            if not 0 <= row.point < points:
                raise ValueError(f"rule {row.rule}: point row {row.point} is not in 0..{points - 1}")
        self.judgements = 0
        """(sample, row) pairs judged since the start."""
        self._points = points
        self._rules = len(rules)
        self._time = -1
        self._resumed = False
        self._kinds = [make_kind_rows(name, rules, points) for name in sorted({row.kind for row in rules})]
        self._timed = [(rows, rows.kind.timer) for rows in self._kinds if rows.kind.timer is not None]
        self._sees_bad = np.array([rows.kind.sees_bad for rows in self._kinds], dtype=np.bool_)
        self._rows_of = np.zeros((points, len(self._kinds)), dtype=np.int32)
        for column, rows in enumerate(self._kinds):
            self._rows_of[:, column] = np.diff(rows.index.starts)
        self._pairs = np.zeros(len(self._kinds), dtype=np.int64)
        self._delays = delays.make_delay_parameters(
            (row.on_delay_s for row in rules),
            (row.off_delay_s for row in rules),
            (row.latched for row in rules),
            (row.point for row in rules),
            (kind(row.kind).sees_bad for row in rules),
        )
        self._heard = np.full((points, 2), delays.NEVER_HEARD, dtype=np.int64)
        self._state = delays.make_delay_state(len(rules))
        self._pending_due = NEVER
        self._out = make_change_columns(2 * len(rules) + 64)

    # ---- the way of a batch

    def step(self, samples: Samples, received_time: int) -> Changes:
        """Let the time pass up to received_time, then judge the samples.

        `samples`: live ones only, of any quality, quality settled, in the order of arrival, per point
        strictly rising in source_time. Raises ValueError when received_time goes back.
        """
        self._pass_time(received_time)
        timers = int(self._out.filled[0])
        if samples.point.shape[0]:
            self._judge(as_samples(samples), received_time)
        return take(self._out, timers)

    def advance(self, received_time: int) -> Changes:
        """A step without samples."""
        return self.step(NO_SAMPLES, received_time)

    def next_deadline(self) -> int:
        """received_time before which no timer fires, ns UTC; NEVER if none is set.

        Exact when it is less than a second ahead, else it may be early (samples have postponed it
        since): ask again when it comes, before making a batch of it.
        """
        if min(self._pending_due, *(rows.due for rows, _ in self._timed), NEVER) < self._time + SECOND_NS:
            self._pending_due = delays.earliest_pending(self._state)
            for rows, timer in self._timed:
                rows.due = timer.deadline(rows.parameters, rows.state)
        return int(min(self._pending_due, *(rows.due for rows, _ in self._timed), NEVER))

    def resume(self, received_time: int) -> None:
        """The gateway listens from now on: silence before is not held against the points.

        Called once at every start of the gateway, after restore and replay. Without it, the first step
        does it.
        """
        self._go_to(received_time)
        self._resumed = True
        for rows, timer in self._timed:
            timer.resume(rows.parameters, rows.state, received_time)
            rows.due = timer.deadline(rows.parameters, rows.state)

    def reset(self, rule_rows: Sequence[int] | Int32, received_time: int) -> tuple[Changes, Int32]:
        """End by hand what only a latch holds; the changes, and the rows that were refused because their
        condition still counts as true.

        Time passes first, as in a step. Rows that are not active are passed over.
        """
        self._pass_time(received_time)
        rules = np.array(rule_rows, dtype=np.int32)
        if rules.size and (rules.min() < 0 or rules.max() >= self._rules):
            raise ValueError(f"reset of rule rows {rule_rows}: there are rows 0..{self._rules - 1}")
        timers = int(self._out.filled[0])
        self._out = with_room(self._out, len(rules))
        refused = np.zeros(len(rules), dtype=np.bool_)
        delays.reset(self._delays, self._state, rules, received_time, refused, self._out)
        return take(self._out, timers), rules[refused]

    def hold(self, rule_rows: Int32, onsets: Int64) -> None:
        """Go on with episodes of latched rules whose state was lost: the latch alone holds them, until a
        sample says more. For a start without a usable snapshot, before anything is judged."""
        state = self._state
        state.active[rule_rows] = True
        state.held[rule_rows] = True
        state.onset[rule_rows] = state.since[rule_rows] = onsets
        state.quality[rule_rows] = delays.NO_VALUE

    def active_rules(self) -> ActiveRules:
        """Rows whose episode is on, with its onset; latched ones that wait for a reset are among them."""
        rules = np.flatnonzero(self._state.active).astype(np.int32)
        return ActiveRules(rules, self._state.onset[rules], self._state.held[rules])

    def _go_to(self, received_time: int) -> None:
        if received_time < self._time:
            raise ValueError(
                f"received_time {received_time} is before {self._time} of the last batch: "
                "the caller must hold its clock when the machine's goes back"
            )
        self._time = received_time

    def _pass_time(self, received_time: int) -> None:
        if not self._resumed:
            self.resume(received_time)
        self._go_to(received_time)
        for rows, timer in self._timed:
            if rows.due <= received_time:
                edges = rows.edges_for(rows.rules.shape[0])
                count = timer.advance(rows.parameters, rows.state, received_time, edges)
                rows.due = timer.deadline(rows.parameters, rows.state)
                self._settle(rows, edges, count, NO_SAMPLES, NO_INTEGERS, received_time)
        if self._pending_due <= received_time:
            self._out = with_room(self._out, self._rules)
            self._pending_due = delays.fire(self._delays, self._state, self._heard, received_time, self._out)

    def _judge(self, samples: Samples, received_time: int) -> None:
        bad = survey(samples, received_time, self._rows_of, self._sees_bad, self._pairs, self._heard)
        if bad < 0:
            raise ValueError(f"a sample names a point row outside 0..{self._points - 1}")
        usable, origin = samples, NO_INTEGERS
        if bad:
            origin = np.flatnonzero(samples.quality < FIRST_BAD).astype(np.int32)
            usable = Samples(
                samples.point[origin],
                samples.source_time[origin],
                samples.value[origin],
                samples.quality[origin],
            )
        for rows, pairs in zip(self._kinds, self._pairs.tolist(), strict=True):
            if not pairs:
                continue
            self.judgements += pairs
            seen, mapping = (samples, NO_INTEGERS) if rows.kind.sees_bad else (usable, origin)
            edges = rows.edges_for(pairs)
            count = rows.kind.judge(seen, rows.index, rows.parameters, rows.state, received_time, edges)
            if count:
                self._settle(rows, edges, count, samples, mapping, received_time)
                if rows.kind.timer is not None:
                    rows.due = rows.kind.timer.deadline(rows.parameters, rows.state)

    def _settle(
        self, rows: KindRows, edges: Edges, count: int, samples: Samples, origin: Int32, received_time: int
    ) -> None:
        self._out = with_room(self._out, 2 * count)
        due = delays.settle(
            edges,
            count,
            rows.rules,
            samples,
            origin,
            received_time,
            self._delays,
            self._state,
            self._heard,
            self._out,
        )
        self._pending_due = min(self._pending_due, due)

    # ---- snapshots

    def snapshot(self) -> bytes:
        """The whole state, exact. Takes none of the rules' settings along."""
        return pack(Snapshot(self._time, self._resumed, [self._part(rows) for rows in self._kinds]))

    def restore(self, blob: bytes) -> list[str]:
        """Go on from a snapshot, also one of another rule set; raises SnapshotRefused.

        A rule goes on if its id and kind are the same; others start fresh. Returns the ids of rules
        whose episode was on and cannot go on here, because the rule or its kind is gone: somebody must
        end those (`detectors.snapshot.active_in` has their onsets).
        """
        snapshot = unpack(blob)
        self._time, self._resumed = snapshot.time, snapshot.resumed
        self._state = delays.make_delay_state(self._rules)
        self._heard[:] = delays.NEVER_HEARD
        for rows in self._kinds:
            rows.state = rows.kind.make_state(rows.rules.shape[0])
        mine = {rows.kind.name: rows for rows in self._kinds}
        lost: list[str] = []
        for part in snapshot.parts:
            lost += self._restore_part(part, mine.get(part.kind))
        self._fit_delays()
        self._pending_due = delays.earliest_pending(self._state)
        for rows, timer in self._timed:
            rows.due = timer.deadline(rows.parameters, rows.state)
        return lost

    def _part(self, rows: KindRows) -> KindPart:
        return KindPart(
            rows.kind.name,
            rows.ids,
            rows.state._asdict(),
            {
                **{name: column[rows.rules] for name, column in self._state._asdict().items()},
                "cleared": self._heard[self._delays.point[rows.rules], 0],
                "heard": self._heard[self._delays.point[rows.rules], 1],
            },
        )

    def _restore_part(self, part: KindPart, rows: KindRows | None) -> list[str]:
        """Take a kind's rows over; the ids of those that were active and are not here."""
        theirs = part.rules
        here: dict[str, int] = {}
        if rows is not None and _same_columns(part.state, rows.state):
            here = {rule: row for row, rule in enumerate(KindPart("", rows.ids, {}, {}).rules)}
        pairs = [(row, here[rule]) for row, rule in enumerate(theirs) if rule in here]
        if rows is not None and pairs:
            source, target = np.array(pairs, dtype=np.int64).T
            for name, column in rows.state._asdict().items():
                column[target] = part.state[name][source]
            for name, column in self._state._asdict().items():
                column[rows.rules[target]] = part.delays[name][source]
            points = self._delays.point[rows.rules[target]]
            self._heard[points, 0] = part.delays["cleared"][source]
            self._heard[points, 1] = part.delays["heard"][source]
        return [theirs[row] for row in np.flatnonzero(part.delays["active"]) if theirs[row] not in here]

    def _fit_delays(self) -> None:
        """What a latch held and is latched no more must not hang: it ends, or is true again, at once."""
        state = self._state
        freed = state.held & ~self._delays.latched
        state.pending[freed & (state.pending == delays.NOT_PENDING)] = delays.PENDING_OFF
        state.deadline[freed] = self._time


def _same_columns(theirs: dict[str, Column], mine: Any) -> bool:
    return {name: column.dtype for name, column in theirs.items()} == {
        name: column.dtype for name, column in mine._asdict().items()
    }
