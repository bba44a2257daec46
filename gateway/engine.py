"""The engine: a pure function of (state, batch). It reads no clock, no file and no socket.

`judge` settles the samples, runs every detector and names the condition changes. State is the point
table and the detector bank; a snapshot holds both, and the batches journalled since then rebuild the
rest after a crash, with the same changes under the same identities.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import msgspec
import numpy as np

from alarm_rules.condition import Cause, ConditionChange
from alarm_rules.model import Rule, Site
from alarm_rules.reset import ResetAnswer
from detectors.bank import CAUSES, Bank, Changes, RuleRow
from detectors.contract import Bool, Int32, Samples
from detectors.parameters import watched_points, watched_rules
from detectors.quality import quality_name
from gateway.points import Settled, make_instruments, make_latest, settle

FUTURE_TOLERANCE_NS = 5_000_000_000
NOTHING_RESET = ResetAnswer()
_CAUSES = cast(tuple[Cause, ...], CAUSES)


class SnapshotUnusable(Exception):
    """These bytes are not a snapshot of this engine; nothing was taken over."""


class _Snapshot(msgspec.Struct):
    points: list[str]
    source_time: bytes
    received_time: bytes
    value: bytes
    quality: bytes
    locked: bytes
    bank: bytes


def _chosen(samples: Samples, mask: Bool) -> Samples:
    return Samples(samples.point[mask], samples.source_time[mask], samples.value[mask], samples.quality[mask])


class Judgement(NamedTuple):
    """What one batch brought to light."""

    changes: list[ConditionChange]
    """Not yet numbered: `sequence` is 0."""
    settled: Settled
    resets: ResetAnswer = NOTHING_RESET
    """What became of the rules that were to be reset."""


class Engine:
    """All rules of a site over numbered points."""

    def __init__(
        self, site: Site, names: Sequence[str], *, future_tolerance_ns: int = FUTURE_TOLERANCE_NS
    ) -> None:
        """names: point id by number, as the journal gave them; every point of the site is among them."""
        self.names = tuple(names)
        self.number = {name: i for i, name in enumerate(names) if name}
        self.rules = site.rules
        self.latest = make_latest(len(names))
        self._instruments = make_instruments(
            site.points, [self.number[p.id] for p in site.points], len(names)
        )
        self._tolerance = future_tolerance_ns
        in_use = {point.id for point in site.points if point.in_use}
        self._watched = [i for i, rule in enumerate(site.rules) if rule.point in in_use]
        place = {site.rules[index].id: row for row, index in enumerate(self._watched)}
        self.bank = Bank([self._row(site.rules[index], place) for index in self._watched], len(names))

    def _row(self, rule: Rule, place: Mapping[str, int]) -> RuleRow:
        """`place`: row of each rule by its id."""
        points = (rule.point, *watched_points(rule.params))
        return RuleRow(
            # A rule that was moved to other points is another rule to the snapshot: it starts fresh. One
            # over rules goes on: which of those that it watches are active stands with themselves.
            rule=f"{rule.id} at {' '.join(points)}",
            point=self.number[rule.point],
            members=tuple(self.number[point] for point in points[1:]),
            watched=tuple(place[other] for other in watched_rules(rule.params) if other in place),
            kind=rule.detector,
            params=rule.params,
            on_delay_s=rule.on_delay_s,
            off_delay_s=rule.off_delay_s,
            latched=rule.latched,
        )

    def judge(
        self,
        samples: Samples,
        received_time: int,
        *,
        raw: bool = True,
        resumed: bool = False,
        resets: Sequence[str] = (),
    ) -> Judgement:
        """Settle `samples` in place and judge them at `received_time` (ns UTC, never falling)."""
        if resumed:
            self.bank.resume(received_time)
        live = np.empty(len(samples.point), np.bool_)
        late, future = settle(
            samples, received_time, self._tolerance, raw, self._instruments, self.latest, live
        )
        judged = samples if late == 0 else _chosen(samples, live)
        changes = self._named(self.bank.step(judged, received_time), received_time)
        answer = NOTHING_RESET
        if resets:
            ended, answer = self._reset(resets, received_time)
            changes += ended
        return Judgement(changes, Settled(len(samples.point) - late, late, future), answer)

    def _reset(self, rules: Sequence[str], received_time: int) -> tuple[list[ConditionChange], ResetAnswer]:
        row = {self.rules[index].id: i for i, index in enumerate(self._watched)}
        known = [rule for rule in rules if rule in row]
        found, refused = self.bank.reset([row[rule] for rule in known], received_time)
        changes = self._named(found, received_time)
        ended = {change.rule for change in changes if change.cause == "reset"}
        kept = {self.rules[self._watched[each]].id for each in refused}
        return changes, ResetAnswer(
            reset=tuple(rule for rule in known if rule in ended),
            still_true=tuple(rule for rule in known if rule in kept),
            over=tuple(rule for rule in known if rule not in ended | kept),
            unknown=tuple(rule for rule in rules if rule not in row),
        )

    def _named(self, found: Changes, received_time: int) -> list[ConditionChange]:
        changes = []
        for i in range(len(found.rule)):
            rule = self.rules[self._watched[found.rule[i]]]
            value, figure = float(found.value[i]), float(found.figure[i])
            changes.append(
                ConditionChange(
                    sequence=0,
                    rule=rule.id,
                    point=rule.point,
                    active=bool(found.active[i]),
                    onset=int(found.onset[i]),
                    source_time=int(found.source_time[i]),
                    received_time=received_time,
                    value=value if math.isfinite(value) else None,
                    quality=quality_name(int(found.quality[i])),
                    figure=figure if math.isfinite(figure) else None,
                    cause=_CAUSES[found.cause[i]],
                )
            )
        return changes

    def next_deadline(self) -> int:
        """ns UTC of the next change that needs no sample, or a time that never comes."""
        return self.bank.next_deadline()

    def active(self) -> dict[tuple[str, str], int]:
        """(rule, point) -> onset of every condition now active."""
        rows, onsets, _ = self.bank.active_rules()
        return dict(zip(self._keys(rows), (int(onset) for onset in onsets), strict=True))

    def hold(self, onsets: Mapping[tuple[str, str], int]) -> None:
        """Go on with those of these episodes, (rule, point) -> onset, whose rules latch: their state was
        lost, and only a person may end them."""
        held = [
            (row, onsets[key])
            for row, rule in enumerate(self.rules[index] for index in self._watched)
            if rule.latched and (key := (rule.id, rule.point)) in onsets
        ]
        self.bank.hold(
            np.array([row for row, _ in held], np.int32), np.array([onset for _, onset in held], np.int64)
        )

    def latched(self) -> set[tuple[str, str]]:
        """(rule, point) of the active ones that only their latch holds."""
        rows, _, held = self.bank.active_rules()
        return set(self._keys(rows[held]))

    def _keys(self, rows: Int32) -> list[tuple[str, str]]:
        rules = [self.rules[self._watched[row]] for row in rows]
        return [(rule.id, rule.point) for rule in rules]

    def snapshot(self) -> bytes:
        """The whole state; exact."""
        latest = self.latest
        return msgspec.msgpack.encode(
            _Snapshot(
                points=list(self.names),
                source_time=latest.source_time.tobytes(),
                received_time=latest.received_time.tobytes(),
                value=latest.value.tobytes(),
                quality=latest.quality.tobytes(),
                locked=latest.locked.tobytes(),
                bank=self.bank.snapshot(),
            )
        )

    def restore(self, state: bytes) -> None:
        """Take over a snapshot; points and rules that are new since then start fresh.

        Rules that were active and are gone now are forgotten here: the journal knows what it holds
        active, and ends them. Raises SnapshotUnusable, and then the engine is as it was.
        """
        try:
            snapshot = msgspec.msgpack.decode(state, type=_Snapshot)
            taken = {
                name: np.frombuffer(getattr(snapshot, name), getattr(self.latest, name).dtype)
                for name in self.latest._fields
            }
            old = {name: i for i, name in enumerate(snapshot.points) if name}
            kept = [name for name in old if name in self.number]
            source, target = [old[name] for name in kept], [self.number[name] for name in kept]
            values = {name: column[source] for name, column in taken.items()}
            self.bank.restore(snapshot.bank)
        except (msgspec.MsgspecError, ValueError, IndexError) as error:
            raise SnapshotUnusable(f"snapshot of {len(state)} bytes: {error}") from error
        for name, column in values.items():
            getattr(self.latest, name)[target] = column
