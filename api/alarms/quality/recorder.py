"""Keeps annunciations and floods while alarms change, in the same transaction.

A flood starts with the annunciation that makes too many in ten minutes; its end is a timer, so that it
ends also when nothing more happens, and whatever is restarted in between.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Sequence

import structlog
from prometheus_client import CollectorRegistry, Counter

from api.alarms.model import Entry
from api.alarms.quality.annunciations import PROCESS
from api.alarms.quality.flood import ENDS_BELOW, STARTS_ABOVE, WINDOW_NS, end_of_flood, starts_flood
from api.alarms.quality.recording import ANSWERED, OVER, Told, told_of
from api.alarms.work import AlarmChange
from api.store.annunciations import (
    add_told,
    answer_told,
    begin_flood,
    end_told,
    finish_flood,
    newest_told,
    open_flood,
)
from api.store.timers import Timer, set_timer
from api.store.writer import Transaction

log = structlog.get_logger(__name__)

FLOOD_END = "flood_end"
"""Kind of the timer that looks whether a flood has ended."""


class QualityMetrics:
    """Figures of the annunciations."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.annunciations = Counter(
            "hazardwatch_api_annunciations", "Times that people were told", ["alarm_class"], registry=registry
        )
        self.floods = Counter("hazardwatch_api_floods", "Alarm floods that have started", registry=registry)


class Recorder:
    """A `Follower` of the alarms."""

    def __init__(self, metrics: QualityMetrics) -> None:
        self._metrics = metrics

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        """Write what these changes add, end and answer."""
        told: list[Told] = []
        over: list[Entry] = []
        answered: list[Entry] = []
        for change in changes:
            told += told_of(change.after, change.entries)
            if change.before is not None:
                over += _first(change.entries, OVER)
                answered += _first(change.entries, {ANSWERED})
        end_told(tx.connection, over)
        answer_told(tx.connection, answered)
        add_told(tx.connection, told)
        if told:
            tx.then(lambda: self._count(told))
        for enterprise in sorted({row.enterprise for row in told if row.alarm_class == PROCESS}):
            self._look_for_flood(tx, enterprise)

    def on_flood_end(self, tx: Transaction, timer: Timer) -> None:
        """Timer: has the flood at this desk ended? If not, look again when it may have."""
        enterprise = timer.subject
        ends = end_of_flood(newest_told(tx.connection, enterprise, ENDS_BELOW))
        if ends > tx.now:
            _look_again(tx, enterprise, ends)
        elif finish_flood(tx.connection, enterprise, ends):
            log.info("alarm flood ended", enterprise=enterprise)

    def _look_for_flood(self, tx: Transaction, enterprise: str) -> None:
        newest = newest_told(tx.connection, enterprise, STARTS_ABOVE + 1)
        recent = sum(time > tx.now - WINDOW_NS for time in newest)
        if not starts_flood(recent) or open_flood(tx.connection, enterprise) is not None:
            return
        begin_flood(tx.connection, enterprise, tx.now)
        _look_again(tx, enterprise, end_of_flood(newest))
        tx.then(self._metrics.floods.inc)
        log.warning("alarm flood started", enterprise=enterprise)

    def _count(self, told: Iterable[Told]) -> None:
        for alarm_class, times in Tally(row.alarm_class for row in told).items():
            self._metrics.annunciations.labels(alarm_class).inc(times)


def _first(lines: Iterable[Entry], kinds: set[str] | frozenset[str]) -> list[Entry]:
    """The first line of these kinds: it ends or answers what stood in the store before."""
    return [line for line in lines if line.kind in kinds][:1]


def _look_again(tx: Transaction, enterprise: str, at: int) -> None:
    set_timer(tx, Timer(key=f"{FLOOD_END}:{enterprise}", kind=FLOOD_END, subject=enterprise, due_at=at))
