"""Which system conditions of history hold, and who is told."""

from collections.abc import Callable

from alarm_rules.wording import Both, halves
from gateway.history.port import HistoryUnavailable, RejectedSample

Trouble = Callable[[str, str | None], None]
"""(kind, text): the system condition `kind` began or changed its text; None: it ended.

Called from the writer's two threads. Kinds: `history_unavailable`, `history_rejected`,
`history_maintenance`.
"""


class Troubles:
    """Which system conditions of history hold. Tells of each beginning and ending once."""

    def __init__(
        self, tell: Trouble, monotonic_s: Callable[[], float], *, after_s: float, rejected_for_s: float
    ) -> None:
        """after_s: how long writing fails before it is told; rejected_for_s: how long after the last
        refused sample that condition ends."""
        self._tell, self._monotonic_s = tell, monotonic_s
        self._after_s, self._rejected_for_s = after_s, rejected_for_s
        self._told: set[str] = set()
        self._failing_since: float | None = None
        self._rejected_at = 0.0

    def failed(self, error: HistoryUnavailable, failures: int) -> None:
        """The n-th failure of a write in a row."""
        now = self._monotonic_s()
        if failures == 1 or self._failing_since is None:
            self._failing_since = now
        if error.operator_needed or now - self._failing_since >= self._after_s:
            self._begin("history_unavailable", str(error))

    def wrote(self, rejected: list[RejectedSample]) -> None:
        """A write was answered."""
        self._failing_since = None
        self._end("history_unavailable")
        if rejected:
            self._rejected_at = self._monotonic_s()
            first = rejected[0]
            why = halves(first.reason)
            self._begin(
                "history_rejected",
                Both(
                    f"历史库拒收 {len(rejected)} 个样本，第一个属于 {first.point}：“{why.chinese}”；"
                    "已放入隔离区",
                    f"history refused {len(rejected)} samples for good, the first of {first.point}: "
                    f"{why.english}; they are in quarantine",
                ).stored,
            )

    def pass_time(self) -> None:
        """End what ends by itself."""
        if self._monotonic_s() - self._rejected_at >= self._rejected_for_s:
            self._end("history_rejected")

    def maintenance(self, text: str | None) -> None:
        """How `maintain` went; None: well."""
        if text is None:
            self._end("history_maintenance")
        else:
            self._begin("history_maintenance", text)

    def _begin(self, kind: str, text: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self._tell(kind, text)

    def _end(self, kind: str) -> None:
        if kind in self._told:
            self._told.remove(kind)
            self._tell(kind, None)
