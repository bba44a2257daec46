"""All rules of a gateway: samples in, changes out.

`Bank.step` is a pure function of its state, the batch and the batch's received_time; nothing here
reads a clock. However the samples that share a received_time are split into batches, the changes are
the same.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from detectors.changes import CAUSES, Changes
from detectors.columns import NO_INTEGERS, NO_SAMPLES, as_samples, survey
from detectors.contract import NEVER, SECOND_NS, Bool, Int32, Int64, Samples
from detectors.delay_columns import heard_of, take_heard
from detectors.over_rules import OverRules
from detectors.quality import FIRST_BAD
from detectors.rows import KindRows, RuleRow, check_rows, make_kind_rows
from detectors.snapshot import Column, KindPart, Snapshot, pack, unpack
from detectors.stage import Stage

__all__ = ["CAUSES", "ActiveRules", "Bank", "Changes", "RuleRow"]


class ActiveRules(NamedTuple):
    rule: Int32
    onset: Int64
    held: Bool  # the condition is over, and the latch alone holds the episode


class Bank:
    """Detectors, delays and latches of all rules over `points` points.

    Raises UnknownDetector for an unknown kind, ValueError for a point that does not exist, an id
    that stands twice and for a rule that cannot watch what it says.
    """

    def __init__(self, rules: Sequence[RuleRow], points: int) -> None:
        check_rows(rules, points)
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
            if not rows.kind.over_rules:
                self._rows_of[:, column] = np.diff(rows.index.starts)
        self._pairs = np.zeros(len(self._kinds), dtype=np.int64)
        self._stage = Stage(rules, points)
        over_rules = [rows for rows in self._kinds if rows.kind.over_rules]
        self._over_rules = OverRules(over_rules, len(rules), self._stage)
        self._recall: int | None = None
        """When rules over rules must learn anew what is active, ns UTC; negative: at the next step."""

    # ---- the way of a batch

    def step(self, samples: Samples, received_time: int) -> Changes:
        """Let the time pass up to received_time, then judge the samples.

        `samples`: live ones only, of any quality, quality settled, in the order of arrival, per point
        strictly rising in source_time. Raises ValueError when received_time goes back.
        """
        self._pass_time(received_time)
        timers = self._stage.filled
        if samples.point.shape[0]:
            batch = as_samples(samples)
            self._judge(batch, received_time)
            if self._over_rules:
                self._over_rules.feed(timers, batch, received_time)
        return self._stage.take(timers)

    def advance(self, received_time: int) -> Changes:
        """A step without samples."""
        return self.step(NO_SAMPLES, received_time)

    def next_deadline(self) -> int:
        """received_time before which no timer fires, ns UTC; NEVER if none is set.

        Exact when it is less than a second ahead, else it may be early (samples have postponed it
        since): ask again when it comes, before making a batch of it.
        """
        if min(self._stage.due, *(rows.due for rows, _ in self._timed), NEVER) < self._time + SECOND_NS:
            self._stage.look_again()
            for rows, timer in self._timed:
                rows.due = timer.deadline(rows.parameters, rows.state)
        return int(min(self._stage.due, *(rows.due for rows, _ in self._timed), NEVER))

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
        timers = self._stage.filled
        over_rules = self._stage.settings.over_rules[rules]
        refused = np.zeros(len(rules), dtype=np.bool_)
        refused[~over_rules] = self._stage.reset(rules[~over_rules], received_time, 0)
        if self._over_rules:
            # Those that the others held true may end with them.
            self._over_rules.feed(timers, NO_SAMPLES, received_time)
            refused[over_rules] = self._stage.reset(rules[over_rules], received_time, len(rules))
        return self._stage.take(timers), rules[refused]

    def hold(self, rule_rows: Int32, onsets: Int64) -> None:
        """Go on with episodes of latched rules whose state was lost: the latch alone holds them, until a
        sample says more. For a start without a usable snapshot, before anything is judged."""
        self._stage.hold(rule_rows, onsets)
        self._recall = self._time

    def active_rules(self) -> ActiveRules:
        """Rows whose episode is on, with its onset; latched ones that wait for a reset are among them."""
        state = self._stage.state
        rules = np.flatnonzero(state.active).astype(np.int32)
        return ActiveRules(rules, state.onset[rules], state.held[rules])

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
        if self._recall is not None and self._over_rules:
            self._over_rules.recall(NO_SAMPLES, received_time if self._recall < 0 else self._recall)
        self._recall = None
        begin = self._stage.filled
        for rows, timer in self._timed:
            if rows.due <= received_time:
                edges = rows.edges_for(rows.rules.shape[0])
                count = timer.advance(rows.parameters, rows.state, received_time, edges)
                rows.due = timer.deadline(rows.parameters, rows.state)
                self._stage.settle(rows, count, NO_SAMPLES, NO_INTEGERS, received_time)
        if self._stage.due <= received_time:
            self._stage.fire(received_time, over_rules=False)
        if self._over_rules:
            self._over_rules.feed(begin, NO_SAMPLES, None)
            if self._stage.due <= received_time:
                self._stage.fire(received_time, over_rules=True)

    def _judge(self, samples: Samples, received_time: int) -> None:
        bad = survey(samples, received_time, self._rows_of, self._sees_bad, self._pairs, self._stage.heard)
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
                self._stage.settle(rows, count, samples, mapping, received_time)
                if rows.kind.timer is not None:
                    rows.due = rows.kind.timer.deadline(rows.parameters, rows.state)

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
        self._stage.clear()
        for rows in self._kinds:
            rows.state = rows.kind.make_state(rows.rules.shape[0])
        mine = {rows.kind.name: rows for rows in self._kinds}
        lost: list[str] = []
        for part in snapshot.parts:
            lost += self._restore_part(part, mine.get(part.kind))
        self._stage.free(self._time)
        self._stage.look_again()
        for rows, timer in self._timed:
            rows.due = timer.deadline(rows.parameters, rows.state)
        self._recall = self._time
        return lost

    def _part(self, rows: KindRows) -> KindPart:
        return KindPart(
            rows.kind.name,
            rows.ids,
            rows.state._asdict(),
            {
                **{name: column[rows.rules] for name, column in self._stage.state._asdict().items()},
                "heard": heard_of(rows.points, self._stage.heard),
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
            for name, column in self._stage.state._asdict().items():
                column[rows.rules[target]] = part.delays[name][source]
            take_heard(part.delays["heard"][source], rows.points[target], self._stage.heard)
        return [theirs[row] for row in np.flatnonzero(part.delays["active"]) if theirs[row] not in here]


def _same_columns(theirs: dict[str, Column], mine: Any) -> bool:
    return {name: column.dtype for name, column in theirs.items()} == {
        name: column.dtype for name, column in mine._asdict().items()
    }
