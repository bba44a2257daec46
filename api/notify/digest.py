"""The storm digest: which waiting messages of one target go now, alone or merged. Pure.

The first message goes at once. What comes within the interval after it is merged into one digest, the
critical ones first. A CRITICAL message shortens the interval. Urgent messages (second-level gas alarms,
calls, duty checks) never wait for the interval; when the rate of the channel cannot carry each one
alone, the rest go together in one bundle that names every one in full: neither delayed nor merged away.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from alarm_rules.model import Priority

SECOND_NS = 1_000_000_000
MOST_IN_DIGEST = 200
BUNDLE_LINE_BYTES = 200
"""Room for one message in a bundle."""


class Waiting(NamedTuple):
    """What is known of a waiting message when it is decided what goes."""

    number: int
    """Row of the outbox; rises with time."""
    priority: Priority
    urgent: bool
    not_before: int = 0


Form = Literal["single", "digest", "bundle"]


class Shipment(NamedTuple):
    """What goes in one call of the provider."""

    form: Form
    numbers: tuple[int, ...]


class Plan(NamedTuple):
    """What goes now, in this order, and when to look again (None: when something new comes)."""

    shipments: tuple[Shipment, ...]
    look_again_at: int | None


class Intervals(NamedTuple):
    """How long a target is left in peace between two digests."""

    usual_ns: int
    critical_ns: int


def order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Urgent first, then by priority, then by age."""
    return sorted(waiting, key=lambda w: (not w.urgent, -w.priority, w.number))


def plan(
    waiting: Sequence[Waiting],
    tokens: int,
    last_sent_at: int | None,
    intervals: Intervals,
    now: int,
    merges: bool,
    most_in_bundle: int = 20,
) -> Plan:
    """What goes now. `tokens` is how many calls the rate allows; `last_sent_at` when a message that can
    be merged went last over this target."""
    due = [one for one in order(waiting) if one.not_before <= now]
    later = min((one.not_before for one in waiting if one.not_before > now), default=None)
    if not merges:
        return Plan(tuple(Shipment("single", (one.number,)) for one in due[:tokens]), later)
    urgent = [one for one in due if one.urgent]
    usual = [one for one in due if not one.urgent]
    shipments = _urgent(urgent, tokens, most_in_bundle)
    left = tokens - len(shipments)
    if not usual:
        return Plan(tuple(shipments), later)
    opens_at = _opens_at(usual, last_sent_at, intervals)
    if now < opens_at:
        return Plan(tuple(shipments), _earliest(opens_at, later))
    if left > 0:
        shipments.append(_usual(usual, last_sent_at, intervals, now))
    return Plan(tuple(shipments), later)


def _urgent(urgent: Sequence[Waiting], tokens: int, most_in_bundle: int) -> list[Shipment]:
    """Each alone while the rate allows it; the last token carries the rest, each in full."""
    numbers = [one.number for one in urgent]
    if len(numbers) <= tokens:
        return [Shipment("single", (number,)) for number in numbers]
    if tokens == 0:
        return []
    alone = [Shipment("single", (number,)) for number in numbers[: tokens - 1]]
    return [*alone, Shipment("bundle", tuple(numbers[tokens - 1 :][:most_in_bundle]))]


def _usual(usual: Sequence[Waiting], last: int | None, intervals: Intervals, now: int) -> Shipment:
    """The most urgent one alone after a quiet time; all that gathered since, as a digest."""
    quiet = last is None or now - last >= 2 * intervals.usual_ns
    if quiet or len(usual) == 1:
        return Shipment("single", (usual[0].number,))
    return Shipment("digest", tuple(one.number for one in usual[:MOST_IN_DIGEST]))


def _opens_at(usual: Sequence[Waiting], last: int | None, intervals: Intervals) -> int:
    if last is None:
        return 0
    critical = any(one.priority is Priority.CRITICAL for one in usual)
    return last + (min(intervals.critical_ns, intervals.usual_ns) if critical else intervals.usual_ns)


def _earliest(one: int, other: int | None) -> int:
    return one if other is None else min(one, other)
