"""The one message between gateway and alert service: a rule's condition began or ended."""

from typing import Annotated, Literal

import msgspec

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What a database keeps as a whole number."""
Plain = Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$")]
"""PostgreSQL keeps no NUL: one such text would hold up everything behind it."""

Cause = Literal["sample", "timer", "event", "reset", "configuration", "latched"]
"""`latched`, on a change that is active: the condition is over and the latch holds the episode until a
reset. A later change of the same episode that is active for another reason says that it came back."""


class ConditionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Edge of a rule's truth, after delays and latch.

    Times are ns UTC. An episode is (point, rule, onset): the same input gives the same episodes
    however often the gateway crashed, and a repeated delivery is recognised by `sequence`.
    """

    sequence: Whole
    """Rising by one for each change of this gateway's journal, from 1, without gaps."""
    rule: Plain
    """Full rule id, `{enterprise}/{...}`, or `{enterprise}/system/...` for the gateway's own conditions."""
    point: Plain
    """Full point id `{enterprise}/{tag}`; for a system condition what it is about, e.g. a device."""
    active: bool
    onset: Whole
    """source_time at which the episode began; the ending change carries the same onset."""
    source_time: Whole
    """When this change became true at the instrument: of the sample, or of the deadline that passed."""
    received_time: Whole
    """The gateway's time of the batch that caused it."""
    value: float | None = None
    """Of the rule's own point; None where a timer, a bad sample or a sample of another point caused it."""
    quality: str = "good"
    figure: float | None = None
    """What the detector kind adds (`DetectorKind.figure`): seconds to the limit, rate, silence."""
    cause: Cause = "sample"
    text: str = ""
    """For system conditions: one sentence with the particulars."""


class ConditionDelivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One HTTP delivery: consecutive changes of one journal, oldest first."""

    gateway: Plain
    """Name of the gateway process, from its settings."""
    journal: Plain
    """Identity of the journal (random, made with it): sequence numbers count within it."""
    changes: list[ConditionChange]


class PointValue(msgspec.Struct, frozen=True, array_like=True):
    """The newest sample of a point, as it goes to the screens. A row of a `ValueDelivery`."""

    point: str
    source_time: int
    value: float | None
    quality: str


class ValueDelivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest values since the last delivery. Not durable: a lost one is healed by `complete` ones."""

    gateway: str
    journal: str
    sent_time: int
    """ns UTC of the gateway: lets the screen show how old a value is, whatever the clocks do."""
    complete: bool
    """True when it holds every point of the gateway."""
    values: list[PointValue]
