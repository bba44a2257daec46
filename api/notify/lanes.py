"""What the worker remembers of each lane: its buckets, its rest after a failure, its last digest.

A lane is one address of one channel; messages to it go one call after the other, and a lane that hangs
or fails holds up no other. The decisions are pure, in `digest`, `buckets` and `backoff`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.notify.buckets import Bucket, Rate, available, emptied, next_token_at, take
from api.notify.digest import Intervals, Plan, Waiting, plan


@dataclass
class Lane:
    """Made when a lane is first used; after a restart from what the receipts tell."""

    channel: str
    rates: tuple[Rate, ...]
    buckets: list[Bucket]
    last_merged_at: int | None = None
    busy: bool = False
    """A call is under way: nothing else goes."""
    resting_until: int = 0
    waits_until: int = 0
    """When the next digest is due: until then only what is urgent can go."""
    waits_with_critical: bool = False
    """A message of priority CRITICAL is in that digest: another one does not bring it forward."""

    def tokens(self, now: int) -> int:
        """How many calls all rates together allow now."""
        return min(available(b, r, now) for b, r in zip(self.buckets, self.rates, strict=True))

    def spend(self, now: int, calls: int) -> None:
        """So many calls are made."""
        self.buckets = [take(b, r, now, calls) for b, r in zip(self.buckets, self.rates, strict=True)]

    def rest(self, until: int) -> None:
        """The way failed: nothing goes before `until`."""
        self.resting_until = max(self.resting_until, until)

    def exhausted(self, now: int) -> None:
        """The provider says that too many were sent."""
        self.buckets = [emptied(bucket, now) for bucket in self.buckets]

    def closed_until(self, now: int) -> int:
        """Until then nothing at all goes: it rests, or its rate is used up. 0: something may go."""
        if now < self.resting_until:
            return self.resting_until
        return self.refill_at(now) if self.tokens(now) < 1 else 0

    def refill_at(self, now: int) -> int:
        """When the rates allow another call."""
        return max(next_token_at(b, r, now) for b, r in zip(self.buckets, self.rates, strict=True))

    def plan(
        self, waiting: Sequence[Waiting], intervals: Intervals, now: int, merges: bool, most_in_bundle: int
    ) -> Plan:
        """What goes now; nothing while the lane is busy or rests."""
        if self.busy:
            return Plan((), None)
        if now < self.resting_until:
            return Plan((), self.resting_until)
        tokens = self.tokens(now)
        decided = plan(waiting, tokens, self.last_merged_at, intervals, now, merges, most_in_bundle)
        if len(decided.shipments) < max(1, tokens):
            return decided
        refill = self.refill_at(now)
        again = refill if decided.look_again_at is None else min(refill, decided.look_again_at)
        return Plan(decided.shipments, again)
