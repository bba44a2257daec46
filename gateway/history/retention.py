"""Which files of the embedded history have to go, by age and by total size. Decides, removes nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.history.folder import SegmentFile


class Retention(NamedTuple):
    """What to keep.

    Size never takes the last `protected_hours` (30 days by default, the least that a major hazard
    installation's readings have to be kept: 总局令40号, article 13): rather is the budget overrun
    and the operator told.
    """

    hours: int
    protected_hours: int
    max_bytes: int

    def first_hour(self, now_hour: int) -> int:
        """The oldest hour that age lets live."""
        return now_hour - self.hours


class Verdict(NamedTuple):
    expired: list[SegmentFile]  # too old
    crowded_out: list[SegmentFile]  # the oldest hours beyond the size budget
    bytes_left: int
    over_budget: bool  # what is left is larger than the budget and protected


def decide(
    retention: Retention, fresh: Sequence[SegmentFile], hours: Sequence[SegmentFile], now_hour: int
) -> Verdict:
    """`hours` are removed whole hour by whole hour, oldest first; fresh files by age alone."""
    first = retention.first_hour(now_hour)
    expired = [file for file in [*fresh, *hours] if file.last_hour < first]
    left = [file for file in hours if file.last_hour >= first]
    total = sum(file.size for file in left) + sum(f.size for f in fresh if f.last_hour >= first)
    crowded: list[SegmentFile] = []
    protected_from = now_hour - retention.protected_hours
    by_hour: dict[int, list[SegmentFile]] = {}
    for file in left:
        by_hour.setdefault(file.last_hour, []).append(file)
    for hour in sorted(by_hour):
        if total <= retention.max_bytes or hour >= protected_from:
            break
        crowded += by_hour[hour]
        total -= sum(file.size for file in by_hour[hour])
    return Verdict(expired, crowded, total, total > retention.max_bytes)
