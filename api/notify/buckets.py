"""How many messages a target may get: a token bucket. Pure: the clock is an argument (ns, any origin)."""

import msgspec

SECOND_NS = 1_000_000_000


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """At most `messages` in any `per_s` seconds. A bucket of that size alone would allow twice as many
    (a full bucket, then its refill), so half is stock and half is refill."""

    messages: int
    per_s: float

    @property
    def stock(self) -> float:
        return max(1.0, self.messages / 2)

    @property
    def per_ns(self) -> float:
        """Tokens that come back each nanosecond."""
        refill = self.messages - self.stock if self.messages > 1 else 1.0
        return refill / (self.per_s * SECOND_NS)


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens at a time. Values, not a thing that changes."""

    tokens: float
    at: int

    @classmethod
    def full(cls, rate: Rate, now: int) -> "Bucket":
        return cls(tokens=rate.stock, at=now)

    @classmethod
    def after(cls, rate: Rate, now: int, sent: int) -> "Bucket":
        """As it stands when `sent` messages went out within the last `per_s`, e.g. before a restart."""
        return cls(tokens=max(0.0, rate.stock - sent), at=now)


def refilled(bucket: Bucket, rate: Rate, now: int) -> Bucket:
    """Nothing comes back while the clock runs backwards."""
    if now <= bucket.at:
        return Bucket(tokens=bucket.tokens, at=now)
    tokens = min(rate.stock, bucket.tokens + (now - bucket.at) * rate.per_ns)
    return Bucket(tokens=tokens, at=now)


def available(bucket: Bucket, rate: Rate, now: int) -> int:
    """Whole tokens."""
    return int(refilled(bucket, rate, now).tokens + 1e-9)


def take(bucket: Bucket, rate: Rate, now: int, count: int) -> Bucket:
    """The caller has looked at `available` before."""
    now_full = refilled(bucket, rate, now)
    return Bucket(tokens=max(0.0, now_full.tokens - count), at=now)


def emptied(bucket: Bucket, now: int) -> Bucket:
    """The provider says that too many were sent: what we thought was left is not."""
    return Bucket(tokens=0.0, at=now)


def next_token_at(bucket: Bucket, rate: Rate, now: int) -> int:
    """When a message may go; `now` if one may go at once."""
    current = refilled(bucket, rate, now)
    missing = 1.0 - current.tokens
    if missing <= 1e-9:
        return now
    return now + int(missing / rate.per_ns) + 1
