"""Which time a figure is about, and which it is compared with. Pure."""

from typing import NamedTuple

SECOND_NS = 1_000_000_000
HOUR_NS = 3_600 * SECOND_NS
DAY_NS = 24 * HOUR_NS


class Span(NamedTuple):
    """[start, end) in ns UTC, as it was known at `as_of` (exclusive): later events do not count.

    The same span and `as_of` give the same figures for ever, because the journal is never changed.
    """

    start: int
    end: int
    as_of: int

    @property
    def seen_end(self) -> int:
        """Where the part ends that was already over at `as_of`."""
        return max(self.start, min(self.end, self.as_of))

    @property
    def seen_s(self) -> float:
        """Seconds of the span that were over at `as_of`."""
        return (self.seen_end - self.start) / SECOND_NS

    def previous(self) -> "Span":
        """The span of the same length before it, looked at as long after its end as this one is.

        So alarms of both had the same time to be answered; a running span is compared with the same part
        of the one before.
        """
        length = self.end - self.start
        return Span(self.start - length, self.start, self.as_of - length)

    def hours(self) -> tuple[int, int]:
        """Whole UTC hours inside the part that is over: first hour number, and the one after the last."""
        return -(-self.start // HOUR_NS), self.seen_end // HOUR_NS
