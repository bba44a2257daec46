"""What every act of a person on alarms has in common: look it up in his sight, apply it, put it on record."""

from collections.abc import Callable, Iterable
from typing import Protocol

from api.alarms.lifecycle import Step
from api.alarms.model import Alarm, RuleCopy
from api.alarms.work import Work
from api.auth.principal import Principal
from api.bilingual import both
from api.service import UnknownAlarm
from api.store.alarms import alarm_by_id
from api.store.writer import Transaction

SECOND_NS = 1_000_000_000

Apply = Callable[[Transaction, Work], None]
"""Writes what was decided and tells the followers: `AlarmService.apply`."""
NewId = Callable[[], str]


class UnknownSubject(Exception):
    """There is no such rule, hold or proposal, or none that this person may see."""


class AlarmChanged(Exception):
    """The alarm is no longer the version that the person looked at."""


class CopyOf(Protocol):
    """What the configuration says of a rule at a point: `Catalogue.copy_of`."""

    def __call__(self, rule_id: str, point_id: str, /) -> RuleCopy: ...


def seen_alarm(tx: Transaction, person: Principal, alarm_id: str, version: int | None = None) -> Alarm:
    """The alarm, if this person may see it. Raises UnknownAlarm or AlarmChanged."""
    alarm = alarm_by_id(tx.connection, alarm_id, person.scope)
    if alarm is None:
        raise UnknownAlarm(both(f"没有报警 {alarm_id}。", f"There is no alarm {alarm_id}."))
    if version is not None and alarm.version != version:
        raise AlarmChanged(
            both(
                f"报警 {alarm_id} 已变化（现为第 {alarm.version} 版，不是第 {version} 版），请重新查看。",
                f"Alarm {alarm_id} is version {alarm.version} now, not {version}: look at it again.",
            )
        )
    return alarm


def keep(tx: Transaction, apply: Apply, steps: Iterable[tuple[Alarm, Step | None]]) -> None:
    """Apply these steps, each with the alarm that it was decided on. None: nothing differs."""
    work = Work()
    for before, step in steps:
        if step is not None:
            work.add(before, step.alarm, step.entry)
    if work.changed:
        apply(tx, work)


def actor_of(person: Principal) -> str:
    """How journal and audit name a person."""
    return f"operator:{person.name}"
