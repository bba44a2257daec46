"""All desks of a running service, made and wired in one place."""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from alarm_rules.model import Site
from api.desks import commitment_desk, duty_desk, level_watch, supervision_desk, warning_desk
from api.desks.commitment_desk import CommitmentDesk
from api.desks.duty_desk import DutyDesk
from api.desks.level_watch import LevelWatch
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskHook
from api.desks.policy import DeskPolicy
from api.desks.register import DeskRegister
from api.desks.shift_desk import ShiftDesk
from api.desks.supervision_desk import SupervisionDesk
from api.desks.telling import Send, Teller
from api.desks.warning_desk import WarningDesk
from api.notify.outbox import enqueue
from api.store.timers import Timer
from api.store.writer import Transaction, Writer

Handler = Callable[[Transaction, Timer], None]


class Desks(NamedTuple):
    """What routes and `app.py` need."""

    policy: DeskPolicy
    register: DeskRegister
    zone: ZoneInfo
    levels: LevelWatch
    warnings: WarningDesk
    supervision: SupervisionDesk
    duty_checks: DutyDesk
    commitments: CommitmentDesk
    shifts: ShiftDesk

    def handlers(self) -> dict[str, Handler]:
        """Handlers of the durable timers, by kind."""
        return {
            level_watch.LOOK: self.levels.on_look,
            level_watch.SWEEP: self.levels.on_sweep,
            warning_desk.REMIND: self.warnings.remind,
            supervision_desk.REMIND: self.supervision.remind,
            duty_desk.SEND: self.duty_checks.on_send,
            duty_desk.DEADLINE: self.duty_checks.on_deadline,
            commitment_desk.DEADLINE: self.commitments.on_deadline,
        }

    def prepare(self, tx: Transaction) -> None:
        """Once at the start, before the timers run: set what is missing, look at the whole register."""
        self.levels.sweep(tx)
        self.duty_checks.prepare(tx)
        self.commitments.prepare(tx)

    def on_change(self, hook: DeskHook) -> None:
        """Tell this hook of every change, after its commit."""
        for desk in (
            self.levels,
            self.warnings,
            self.supervision,
            self.duty_checks,
            self.commitments,
            self.shifts,
        ):
            desk.changed = hook


def make_desks(
    writer: Writer,
    site: Site,
    policy: DeskPolicy,
    secret: bytes,
    zone: ZoneInfo,
    registry: CollectorRegistry,
    send: Send = enqueue,
) -> Desks:
    """Compose the desks. The level watch becomes a follower of the alarm service."""
    register = DeskRegister(site)
    metrics = DeskMetrics(registry)
    teller = Teller(policy.audiences, metrics, send)
    shifts = ShiftDesk(writer, policy.shifts, register)
    warnings = WarningDesk(writer, policy.warnings, register, teller, shifts, metrics, zone)
    return Desks(
        policy=policy,
        register=register,
        zone=zone,
        levels=LevelWatch(writer, policy, register, warnings, metrics),
        warnings=warnings,
        supervision=SupervisionDesk(writer, policy.supervision, register, teller, metrics, zone),
        duty_checks=DutyDesk(writer, policy.duty_checks, secret, register, teller, shifts, metrics, zone),
        commitments=CommitmentDesk(writer, policy.commitments, register, teller, metrics, zone),
        shifts=shifts,
    )
