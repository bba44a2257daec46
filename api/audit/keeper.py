"""Signs checkpoints: a durable timer that looks at the head of the chain now and then.

In the same transaction it tells whether checkpoints wait too long to leave the machine.
"""

from collections.abc import Callable
from typing import NamedTuple

from api.audit.chain import START
from api.audit.checkpoints import SECOND_NS, Checkpoint, is_due
from api.audit.keys import AuditSigner
from api.audit.metrics import AuditMetrics
from api.bilingual import both
from api.store.audit import head_of, keep_checkpoint, newest_checkpoint, oldest_unsent
from api.store.timers import Timer, set_timer, timer_of
from api.store.writer import Transaction

KIND = "audit_checkpoint"
UNSENT = "audit_checkpoint_unsent"
ABOUT = "audit"
LOOK_EVERY_S, SHORTEST_S = 15.0, 0.5

Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`."""


class Pace(NamedTuple):
    """When a checkpoint is due, and when one waits too long."""

    every_rows: int
    every_s: float
    unsent_after_s: float
    sends: bool
    """Is there an address outside?"""


class CheckpointKeeper:
    """Handler of the timers of kind `audit_checkpoint`; there is one."""

    def __init__(
        self, signer: AuditSigner, pace: Pace, metrics: AuditMetrics, report: Report, wake: Callable[[], None]
    ) -> None:
        """wake: called in the event loop after a checkpoint was stored."""
        self._signer = signer
        self._pace = pace
        self._look_every_s = max(SHORTEST_S, min(LOOK_EVERY_S, pace.every_s, pace.unsent_after_s))
        self._metrics = metrics
        self._report = report
        self._wake = wake

    def begin(self, tx: Transaction) -> None:
        """Set the timer unless it runs already from an earlier life."""
        if timer_of(tx.connection, KIND) is None:
            set_timer(tx, self._timer(tx.now))

    def look(self, tx: Transaction, _timer: Timer) -> None:
        """Sign if it is time, tell what waits too long, and look again soon."""
        set_timer(tx, self._timer(tx.now + int(self._look_every_s * SECOND_NS)))
        head = head_of(tx.connection) or START
        newest = newest_checkpoint(tx.connection)
        if is_due(head, newest, tx.now, every_rows=self._pace.every_rows, every_s=self._pace.every_s):
            keep_checkpoint(tx.connection, self._signer.sign(head, _after(newest, tx.now)))
            tx.then(self._signed)
        if self._pace.sends:
            self._mind_unsent(tx)

    def _mind_unsent(self, tx: Transaction) -> None:
        oldest = oldest_unsent(tx.connection)
        age_s = 0.0 if oldest is None else max(0, tx.now - oldest) / SECOND_NS
        late = age_s > self._pace.unsent_after_s
        text = both(
            f"审计检查点 {age_s / 60:.0f} 分钟未送出。", f"A checkpoint has waited {age_s / 60:.0f} min."
        )
        self._report(tx, UNSENT, ABOUT, late, text if late else "")
        tx.then(lambda: self._metrics.unsent_age.set(age_s))

    def _signed(self) -> None:
        self._metrics.signed.inc()
        self._wake()

    def _timer(self, due_at: int) -> Timer:
        return Timer(key=KIND, kind=KIND, subject=ABOUT, due_at=due_at)


def _after(newest: Checkpoint | None, now: int) -> int:
    """The time of a checkpoint is its name: two never share it, also after the clock was set back."""
    return max(now, newest.time + 1) if newest else now
