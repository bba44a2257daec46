"""What goes now: waiting rows are judged, planned lane by lane, and claimed with a lease.

One transaction, in the writing thread. The lanes belong to the event loop: here they are only read.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alarm_rules.model import Priority
from api.bilingual import both
from api.notify.buckets import Bucket
from api.notify.catalogue import adapters
from api.notify.digest import Intervals, Shipment, Waiting
from api.notify.facts import provider, providers
from api.notify.lanes import Lane
from api.notify.sending import Load, Result
from api.notify.settings import NotifySettings
from api.notify.settling import Settler, Tally
from api.notify.shipping import most_in_bundle
from api.store.outbox import Closed, Head, Row, claim, heads_of_lanes, waiting_heads
from api.store.receipts import calls_since, last_merged_at
from api.store.receivers import SealedTarget, targets_of
from api.store.writer import Transaction

SECOND_NS = 1_000_000_000
AT_ONCE = 500
"""Waiting rows looked at in one turn."""
LANES_KEPT = 20_000


class Turn(NamedTuple):
    """What a transaction decided."""

    loads: dict[str, list[Load]]
    """By lane."""
    lanes: dict[str, Lane]
    """Lanes seen for the first time."""
    digests: dict[str, tuple[int, bool]]
    """Lanes that wait for a digest: until when, and whether a CRITICAL message is in it."""
    look_again_at: int | None
    tally: Tally
    more: bool
    """Rows wait beyond those that were looked at."""


class Claims:
    """Decides and claims. `lanes` is what is remembered of each address, kept up by the worker."""

    def __init__(self, settler: Settler, settings: NotifySettings) -> None:
        self._settler = settler
        self._settings = settings
        self.lanes: dict[str, Lane] = {}
        self._intervals = Intervals(
            int(settings.notify_digest_interval_s * SECOND_NS),
            int(settings.notify_digest_critical_interval_s * SECOND_NS),
        )

    def decide(
        self,
        tx: Transaction,
        results: Sequence[Result],
        lease: str,
        closed: Closed,
        free: dict[str, int],
    ) -> Turn:
        """Settle results, then claim what may go. Runs in the writing thread, changes only the database."""
        tally = self._settler.settle(tx, results) if results else Tally()
        heads = waiting_heads(tx.connection, tx.now, closed, AT_ONCE)
        alive = self._without_dead(tx, self._with_company(tx, heads, closed), tally)
        lanes = self._new_lanes(tx, alive)
        shipments, digests, again = self._shipments(alive, lanes, free, tx.now)
        loads = self._claim(tx, shipments, lease)
        return Turn(loads, lanes, digests, again, tally, len(heads) == AT_ONCE)

    def _with_company(self, tx: Transaction, heads: Sequence[Head], closed: Closed) -> list[Head]:
        """A CRITICAL message that brings a digest forward takes along what waits for that digest."""
        brought = {h.lane for h in heads if not h.urgent and h.lane in closed.but_critical}
        if not brought:
            return list(heads)
        others = [head for head in heads if head.lane not in brought]
        return others + heads_of_lanes(tx.connection, tx.now, brought, AT_ONCE)

    def _without_dead(self, tx: Transaction, heads: Sequence[Head], tally: Tally) -> list[Head]:
        """Those that can still be sent; the others become dead letters."""
        gone: dict[str, list[tuple[int, str, str]]] = {}
        alive = []
        for head in heads:
            if words := self._hopeless(head, tx.now):
                gone.setdefault(words, []).append((head.number, head.channel, head.lane))
            else:
                alive.append(head)
        for words, rows in gone.items():
            self._settler.bury(tx, rows, words, tally)
        return alive

    def _hopeless(self, head: Head, now: int) -> str:
        if head.channel not in providers() or head.channel not in adapters():
            return both(f"没有通知渠道 {head.channel}", f"there is no channel {head.channel}")
        if not head.lane:
            return both(
                f"接收人没有启用的 {head.channel} 通知目标",
                f"the receiver has no enabled target for {head.channel}",
            )
        if now >= head.created_at + self._settler.max_age_ns(None, head.kind):
            return both("已过期：该渠道一直关闭", "too old: the way was shut all the time")
        return ""

    def _new_lanes(self, tx: Transaction, heads: Sequence[Head]) -> dict[str, Lane]:
        found: dict[str, Lane] = {}
        for head in heads:
            if head.lane not in self.lanes and head.lane not in found:
                found[head.lane] = _remembered(tx, head, self._intervals)
        return found

    def _shipments(
        self, heads: Sequence[Head], new: Mapping[str, Lane], free: dict[str, int], now: int
    ) -> tuple[dict[str, tuple[Shipment, ...]], dict[str, tuple[int, bool]], int | None]:
        """What each lane sends now, as far as its channel has places free; which lanes wait for a digest;
        and when to look again."""
        by_lane: dict[str, list[Waiting]] = {}
        for head in heads:
            one = Waiting(head.number, Priority(head.priority), head.urgent, head.not_before)
            by_lane.setdefault(head.lane, []).append(one)
        most = max(1, int(self._settings.notify_lease_s / (self._settings.notify_timeout_s + 1)))
        chosen: dict[str, tuple[Shipment, ...]] = {}
        digests: dict[str, tuple[int, bool]] = {}
        wakes: list[int] = []
        for name, waiting in by_lane.items():
            lane = self.lanes.get(name) or new[name]
            if free.setdefault(lane.channel, self._settings.notify_concurrency) <= 0:
                continue  # the end of a call of this channel wakes us
            facts = provider(lane.channel)
            merges = adapters()[lane.channel].merges and self._intervals.usual_ns > 0
            plan = lane.plan(waiting, self._intervals, now, merges, most_in_bundle(facts))
            if plan.look_again_at is not None:
                wakes.append(plan.look_again_at)
            if plan.shipments:
                chosen[name] = plan.shipments[:most]
                free[lane.channel] -= 1
            elif merges and plan.look_again_at is not None and _held_back(waiting, now):
                critical = any(one.priority is Priority.CRITICAL for one in waiting)
                digests[name] = (plan.look_again_at, critical)
        return chosen, digests, min(wakes, default=None)

    def closed(self, now: int) -> tuple[Closed, list[int]]:
        """Lanes over which nothing, or only what is urgent, can go in this turn; and when they open.

        Forgets idle lanes when there are too many: receipts tell what they were.
        """
        wholly: set[str] = set()
        urgent: set[str] = set()
        critical: set[str] = set()
        wakes: list[int] = []
        for name, lane in self.lanes.items():
            if lane.busy:
                wholly.add(name)
            elif until := lane.closed_until(now):
                wholly.add(name)
                wakes.append(until)
            elif now < lane.waits_until:
                (urgent if lane.waits_with_critical else critical).add(name)
                wakes.append(lane.waits_until)
        if len(self.lanes) > LANES_KEPT:
            kept = wholly | urgent | critical
            self.lanes = {name: lane for name, lane in self.lanes.items() if name in kept}
        return Closed(frozenset(wholly), frozenset(urgent), frozenset(critical)), wakes

    def _claim(
        self, tx: Transaction, shipments: Mapping[str, tuple[Shipment, ...]], lease: str
    ) -> dict[str, list[Load]]:
        numbers = [n for lane in shipments.values() for shipment in lane for n in shipment.numbers]
        if not numbers:
            return {}
        until = tx.now + int(self._settings.notify_lease_s * SECOND_NS)
        rows = {row.number: row for row in claim(tx.connection, numbers, lease, tx.now, until)}
        targets = {
            (target.receiver, target.number): target
            for target in targets_of(tx.connection, {row.message.receiver for row in rows.values()})
        }
        loads: dict[str, list[Load]] = {}
        for lane, several in shipments.items():
            for shipment in several:
                held = tuple(rows[number] for number in shipment.numbers if number in rows)
                if held:
                    target = targets.get((held[0].message.receiver, held[0].target or 0))
                    loads.setdefault(lane, []).append(_load(shipment, held, target, lease))
        return loads


def _held_back(waiting: Sequence[Waiting], now: int) -> bool:
    """Does a message wait for a digest, and not for its own next attempt?"""
    return any(not one.urgent and one.not_before <= now for one in waiting)


def _remembered(tx: Transaction, head: Head, intervals: Intervals) -> Lane:
    """A lane as its receipts left it, so that a restart does not double the rate."""
    rates = provider(head.channel).rates
    buckets = [
        Bucket.after(
            rate, tx.now, calls_since(tx.connection, head.lane, tx.now - int(rate.per_s * SECOND_NS))
        )
        for rate in rates
    ]
    merged = last_merged_at(tx.connection, head.lane, tx.now - 2 * intervals.usual_ns)
    return Lane(channel=head.channel, rates=rates, buckets=buckets, last_merged_at=merged)


def _load(shipment: Shipment, rows: tuple[Row, ...], target: SealedTarget | None, lease: str) -> Load:
    form = shipment.form if len(rows) > 1 else "single"
    return Load(form, rows, target, lease)
