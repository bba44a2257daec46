"""Synthetic alarms: taken out of a delivery, sent as notifications to the sandbox, and timed.

They come the way of every condition (gateway's journal, delivery, intake, one transaction, outbox,
notifier), but are no alarms: nobody has to answer them, and they stand in no list and no figure.
"""

from collections.abc import Callable, Mapping, Sequence

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Priority
from api.alarms.lifecycle import episode_of
from api.auth.principal import EVERYTHING
from api.bilingual import both
from api.notify.changes import PutReceiver, apply_change, put_target
from api.notify.message import Message
from api.notify.outbox import delivery_of, enqueue
from api.notify.vault import Vault
from api.store.receivers import receiver_by_id, ways_of
from api.store.watch import ProbeRow, add_probe, forget_probes, mark_out, probes_under_way
from api.store.writer import Transaction
from api.watch.metrics import WatchMetrics

RULE = "/system/probe"
RECEIVER, CHANNEL = "self-watch", "sandbox"
SECOND_NS = 1_000_000_000
GIVEN_UP_S = 3600
KEPT_DAYS = 30
DAY_NS = 86_400 * SECOND_NS

OffsetOf = Callable[[str], int]
"""Gateway's name -> its clock minus ours, ns."""


class Probes:
    """All methods are jobs for `Writer.run`, or are called inside one."""

    def __init__(self, vault: Vault, metrics: WatchMetrics) -> None:
        self._vault = vault
        self._metrics = metrics

    def prepare(self, tx: Transaction) -> None:
        """Make the receiver that stands for the sandbox, or mend it if somebody changed it."""
        if ways_of(tx.connection, {RECEIVER}).get((RECEIVER, CHANNEL)):
            return
        known = receiver_by_id(tx.connection, RECEIVER, EVERYTHING)
        receiver = PutReceiver(
            by="service",
            id=RECEIVER,
            enterprise="",
            kind="device",
            name="系统自检",
            name_en="Self-watch",
            note=both("接收网关的自检信号，勿删。", "Takes synthetic alarms of the gateways; keep it."),
            version=known.version if known else 0,
        )
        apply_change(tx, receiver)
        target = put_target(
            self._vault,
            by="service",
            receiver=RECEIVER,
            number=None,
            new_number=1,
            version=0,
            channel=CHANNEL,
            label="",
            address=RECEIVER,
            secret="",
            forget_secret=False,
            options={},
            enabled=True,
        )
        apply_change(tx, target)

    def sift(
        self, tx: Transaction, gateway: str, changes: Sequence[ConditionChange]
    ) -> list[ConditionChange]:
        """Take the probes out of a delivery and send each on its way; what is left are alarms."""
        others = [change for change in changes if not change.rule.endswith(RULE)]
        if len(others) == len(changes):
            return others
        begun = [change for change in changes if change.rule.endswith(RULE) and change.active]
        for change in begun:
            probe = ProbeRow(episode_of(change).alarm_id, gateway, change.onset, tx.now)
            add_probe(tx.connection, probe)
        enqueue(tx, [_message(change, gateway) for change in begun])
        tx.then(lambda: self._metrics.probes.labels(gateway).inc(len(begun)))
        return others

    def settle(self, tx: Transaction, offset_of: OffsetOf) -> None:
        """Time those that have come out meanwhile. What takes an hour counts as lost."""
        for probe in probes_under_way(tx.connection, tx.now - GIVEN_UP_S * SECOND_NS):
            delivery = delivery_of(tx.connection, _key(probe.id))
            if delivery.outcome == "sent" and delivery.receipts:
                self._came_out(tx, probe, delivery.receipts[-1].ended_at, offset_of(probe.gateway))
        forget_probes(tx.connection, tx.now - KEPT_DAYS * DAY_NS)

    def _came_out(self, tx: Transaction, probe: ProbeRow, at: int, offset: int) -> None:
        """The trip is on the gateway's clock, which is `offset` ahead of ours."""
        latency_s = max(0, at - (probe.tripped_at - offset)) / SECOND_NS
        mark_out(tx.connection, probe.id, at, latency_s)
        tx.then(lambda: self._metrics.probe_seconds.labels(probe.gateway).observe(latency_s))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share (0 to 1) of all do not exceed; None without values."""
    if not values:
        return None
    rank = max(1, -(-len(values) * round(share * 1000) // 1000))
    return sorted(values)[rank - 1]


def best_offset(offsets: Mapping[str, Sequence[int]], gateway: str) -> int:
    """Clock of the gateway minus ours, ns: of the newest looks the largest, which a delay on the way has
    made smaller the least. 0 for one that was never heard."""
    return max(offsets.get(gateway, ()), default=0)


def _key(probe_id: str) -> str:
    return f"probe/{probe_id}"


def _message(change: ConditionChange, gateway: str) -> Message:
    return Message(
        key=_key(episode_of(change).alarm_id),
        kind="probe",
        receiver=RECEIVER,
        channel=CHANNEL,
        priority=Priority.LOW,
        title=f"自检信号 {gateway}",
        body=both(f"网关 {gateway} 的自检信号。", f"Synthetic alarm of gateway {gateway}."),
    )
