"""Daily safety commitments (安全承诺): recorded by enterprises; a timer lists what is missing at ten."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from alarm_rules.model import Priority
from api.auth.people import actor_name
from api.auth.principal import Principal
from api.bilingual import both
from api.desks.commitment_day import (
    Commitment,
    CommitmentContent,
    CommitmentPolicy,
    deadline_of,
    in_time,
    next_deadline,
    next_version,
)
from api.desks.errors import NotOnDesk
from api.desks.identity import new_id
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.register import DeskRegister
from api.desks.telling import Concern, Notice, Teller
from api.desks.warning_policy import Authority
from api.store.commitments import (
    DayFound,
    add_commitment,
    add_days,
    first_recorded,
    is_listed,
    latest_version,
)
from api.store.timers import Timer, set_timer, timer_of
from api.store.writer import Transaction, Writer

DEADLINE = "commitment.deadline"
KEY = "commitment/deadline"
NAMED = 50
"""Enterprises that the message to a bureau names; the list has all of them."""


class CommitmentDesk:
    """Writes commitments. Its clock is the transaction's."""

    def __init__(
        self,
        writer: Writer,
        policy: CommitmentPolicy,
        register: DeskRegister,
        teller: Teller,
        metrics: DeskMetrics,
        zone: ZoneInfo,
    ) -> None:
        self._writer = writer
        self._policy = policy
        self._register = register
        self._teller = teller
        self._metrics = metrics
        self._zone = zone
        self.changed: DeskHook = nobody_listens

    def prepare(self, tx: Transaction) -> None:
        """At the start: the timer of the next deadline, unless one stands (it may be overdue)."""
        if timer_of(tx.connection, KEY) is None:
            self._set_clock(tx, tx.now)

    async def record(
        self, by: Principal, enterprise: str, day: str, content: CommitmentContent, correction: str
    ) -> Commitment:
        """Keep a commitment, or a correction as its next version.

        Raises NotOnDesk, StepRefused or WrongEntry.
        """

        def job(tx: Transaction) -> Commitment:
            if enterprise not in self._register.enterprises or not by.sees(enterprise):
                raise NotOnDesk(both(f"没有企业 {enterprise}。", f"There is no enterprise {enterprise}."))
            entry = Commitment(
                id=new_id(),
                enterprise=enterprise,
                day=day,
                version=0,
                recorded_at=tx.now,
                recorded_by=by.name,
                content=content,
                correction=correction,
            )
            latest = latest_version(tx.connection, enterprise, day)
            kept = next_version(latest, entry, self._policy, self._zone)
            add_commitment(tx.connection, kept)
            tx.audit(
                actor_name(by),
                "commitment.record",
                kept.id,
                f"{day} v{kept.version} {correction}",
                enterprise,
            )
            self._after(tx, kept)
            return kept

        return await self._writer.run(job)

    def on_deadline(self, tx: Transaction, timer: Timer) -> None:
        """Handler of DEADLINE: settle the day for every enterprise, tell of the missing ones, go on.

        What counts is the deadline itself and not when this runs: days on which the service was down are
        settled one after the other.
        """
        day = date.fromisoformat(timer.detail["day"])
        if not is_listed(tx.connection, day.isoformat()):
            self._settle(tx, day)
        self._set_clock(tx, deadline_of(day, self._policy, self._zone))

    def _settle(self, tx: Transaction, day: date) -> None:
        first = first_recorded(tx.connection, day.isoformat())
        found = [
            DayFound(
                day=day.isoformat(),
                enterprise=enterprise,
                in_time=enterprise in first and in_time(first[enterprise], day, self._policy, self._zone),
                listed_at=tx.now,
            )
            for enterprise in self._register.enterprises
        ]
        add_days(tx.connection, found)
        missing = [row.enterprise for row in found if not row.in_time]
        tx.audit(
            "service", "commitment.settled", day.isoformat(), f"{len(found) - len(missing)} of {len(found)}"
        )
        self._tell_missing(tx, day.isoformat(), missing)
        tx.then(lambda: self._metrics.commitments.labels("missing").inc(len(missing)))

    def _tell_missing(self, tx: Transaction, day: str, missing: Sequence[str]) -> None:
        """Each enterprise by itself; each district and city once, with the names."""
        notices = [
            self._notice(
                day, f"{day}/{enterprise}", "enterprise", Concern(enterprise=enterprise), [enterprise]
            )
            for enterprise in missing
        ]
        for authority in ("district", "city"):
            for region, members in self._by_region(authority, missing).items():
                about = Concern(enterprise="", **{authority: region})
                notices.append(self._notice(day, f"{day}/{authority}/{region}", authority, about, members))
        self._teller.tell(tx, notices)

    def _by_region(self, kind: str, missing: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for enterprise in missing:
            if region := getattr(self._register.enterprises[enterprise], kind):
                found.setdefault(region, []).append(enterprise)
        return found

    def _notice(self, day: str, key: str, to: Authority, about: Concern, members: Sequence[str]) -> Notice:
        enterprises = [self._register.enterprises[member] for member in members]
        names = "、".join(enterprise.name or enterprise.id for enterprise in enterprises[:NAMED])
        number, due = len(members), self._policy.due_at
        more = (f" 等 {number} 家", f" and {number - NAMED} more") if number > NAMED else ("", "")
        return Notice(
            key=f"commitment/{key}",
            kind="system",
            to=(to,),
            about=about,
            priority=Priority.MEDIUM,
            title=both(
                f"【安全承诺未提交】{day} {number} 家", f"[no safety commitment] {day}: {number} enterprises"
            ),
            body=both(
                f"{due} 前未提交安全承诺：{names}{more[0]}",
                f"Without a commitment by {due}: {names}{more[1]}",
            ),
        )

    def _after(self, tx: Transaction, kept: Commitment) -> None:
        what = "recorded" if kept.version == 1 else "corrected"
        delta = DeskDelta(
            kind="commitment",
            enterprise=kept.enterprise,
            id=kept.id,
            state=what,
            since=kept.recorded_at,
        )
        tx.then(lambda: self._metrics.commitments.labels(what).inc())
        tx.then(lambda: self.changed([delta]))

    def _set_clock(self, tx: Transaction, after: int) -> None:
        day, due_at = next_deadline(after, self._policy, self._zone)
        detail = {"day": day.isoformat()}
        set_timer(tx, Timer(key=KEY, kind=DEADLINE, subject=day.isoformat(), due_at=due_at, detail=detail))
