"""The auditor: proves every minute that nobody has been forgotten.

Every open alarm that must be escalated has a living next step, or was acknowledged by a person with a
name. What has neither is a hole: its ladder is begun, and the service raises a system alarm about itself.
It also looks ahead whether each step of each ladder leads to anybody; for a top contact that leads to nobody
an alarm is raised.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from api.bilingual import both
from api.catalogue import SERVICE
from api.escalation.escalation import UNANSWERABLE, Escalation, Report
from api.escalation.metrics import EscalationMetrics
from api.escalation.outlook import DeadTop, Outlook, words_of
from api.escalation.weak_steps import CAUSES, WeakStep, weak_steps
from api.store.alarms import related_alarms
from api.store.ladders import Proof, holes_in, keep_proof, prove, reported
from api.store.timers import Timer, set_timer, timer_of
from api.store.writer import Transaction

KIND = "escalation_audit"
HOLE = "escalation_hole"
ABOUT = "ladders"
SECOND_NS = 1_000_000_000
LEADS_AGAIN = both("最高联系人已能通知到人", "the top contact leads to somebody again")
AT_ONCE = 2000
"""Holes mended in one proof; the rest in the next, which then comes at once."""


class Pace(NamedTuple):
    """How often the auditor looks, and how late a step may be before it counts as dead. Nanoseconds."""

    every_ns: int
    overdue_ns: int


class Auditor:
    """Handler of the timer that proves the ladders, and sets itself again."""

    def __init__(
        self,
        escalation: Escalation,
        outlook: Outlook,
        metrics: EscalationMetrics,
        report: Report,
        pace: Pace,
        stopwatch: Callable[[], int] = time.perf_counter_ns,
        *,
        sandbox_is_meant: bool = False,
    ) -> None:
        """sandbox_is_meant: this service sends nothing to anybody, and its users know."""
        self._escalation = escalation
        self._outlook = outlook
        self.dead_tops: tuple[DeadTop, ...] | None = None
        """Of the last proof of this run of the service; None before it."""
        self.weak_steps: tuple[WeakStep, ...] | None = None
        """Likewise: steps that would tell nobody, now or soon."""
        self._metrics = metrics
        self._report = report
        self._pace = pace
        self._stopwatch = stopwatch
        self._sandbox_is_meant = sandbox_is_meant

    def begin(self, tx: Transaction) -> None:
        """At the start of the service: look soon, also where nobody ever looked before."""
        due = timer_of(tx.connection, KIND)
        if due is None or due.due_at > tx.now + self._pace.every_ns:
            set_timer(tx, Timer(key=KIND, kind=KIND, subject=ABOUT, due_at=tx.now + self._pace.every_ns))

    def fire(self, tx: Transaction, _timer: Timer) -> None:
        """Prove, mend, report, keep the proof, and come again."""
        begun = self._stopwatch()
        proof = prove(tx.connection, tx.now, self._pace.overdue_ns)
        repaired = self._mend(tx) if proof.holes else 0
        dead, weak = self._look_ahead(tx), self._weak_steps(tx)
        took_ms = (self._stopwatch() - begun) / 1e6
        proof = msgspec.structs.replace(proof, repaired=repaired, took_ms=took_ms)
        keep_proof(tx.connection, proof)
        text = both(
            f"{proof.holes} 条未结束报警既无升级步骤也无责任人，已重新开始升级",
            f"{proof.holes} open alarms had neither a next step nor an owner; their ladders were begun again",
        )
        self._report(tx, HOLE, ABOUT, proof.holes > 0, text)
        wait = self._pace.every_ns if proof.holes <= AT_ONCE else SECOND_NS
        set_timer(tx, Timer(key=KIND, kind=KIND, subject=ABOUT, due_at=tx.now + wait))
        tx.then(lambda: self._count(proof, dead, weak))

    def _mend(self, tx: Transaction) -> int:
        ids = holes_in(tx.connection, tx.now, self._pace.overdue_ns, AT_ONCE)
        alarms = related_alarms(tx.connection, ids, ()).episodes
        return self._escalation.start_all(tx, [alarms[alarm_id] for alarm_id in ids])

    def _look_ahead(self, tx: Transaction) -> tuple[DeadTop, ...]:
        """Report the tops that lead to nobody, and end what was reported of those that lead to somebody.

        Also what was reported when an alarm had come to the top: nothing else would end it.
        """
        dead = self._outlook.dead_tops(tx.connection, tx.now)
        abouts = self._outlook.abouts(dead)
        known = reported(tx.connection, f"{SERVICE}/system/{UNANSWERABLE}")
        for about in sorted(abouts - known):
            self._report(tx, UNANSWERABLE, about, True, words_of(about))
        for about in sorted(known - abouts - {top.ladder for top in dead}):
            self._report(tx, UNANSWERABLE, about, False, LEADS_AGAIN)
        return dead

    def _weak_steps(self, tx: Transaction) -> tuple[WeakStep, ...]:
        served, people = self._outlook.served, self._outlook.people()
        return weak_steps(tx.connection, served, people, tx.now, sandbox_is_meant=self._sandbox_is_meant)

    def _count(self, proof: Proof, dead: tuple[DeadTop, ...], weak: tuple[WeakStep, ...]) -> None:
        self.dead_tops, self.weak_steps = dead, weak
        for cause in CAUSES:
            self._metrics.weak_steps.labels(cause).set(sum(step.cause == cause for step in weak))
        self._metrics.dead_tops.set(len(dead))
        self._metrics.holes.inc(proof.holes)
        self._metrics.open.set(proof.owed)
        self._metrics.exhausted_now.set(proof.exhausted)
        self._metrics.proved_at.set(proof.time / SECOND_NS)
