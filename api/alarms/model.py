"""What an alarm is: facts that happened, from which its state name is derived.

An alarm is one episode of one rule at one point. It copies what the rule said when it was raised, so
that a later change of the rule never rewrites what a person saw. All times are ns UTC.
"""

import hashlib
from base64 import b32encode
from typing import Literal, NamedTuple

import msgspec

from alarm_rules.model import Priority

StateName = Literal["NORM", "UNACK", "ACKED", "RTNUN", "LUNACK", "LACKED", "SHLVD", "DSUPR", "OOSRV"]
"""ISA-18.2 names; `api.alarms.lifecycle` has the table that derives them from the facts."""
STATE_NAMES: tuple[StateName, ...] = (
    "UNACK",
    "LUNACK",
    "RTNUN",
    "ACKED",
    "LACKED",
    "SHLVD",
    "DSUPR",
    "OOSRV",
    "NORM",
)
"""The most pressing first."""

AlarmClass = Literal["process", "instrument", "system", "advisory"]
EntryKind = Literal[
    "raised",
    "raised_again",
    "repeated",
    "returned_to_normal",
    "superseded",
    "acknowledged",
    "confirmed",
    "re_alarmed",
    "latched",
    "reset_wanted",
    "reset_refused",
    "shelved",
    "unshelved",
    "removed_from_service",
    "returned_to_service",
    "suppressed",
    "unsuppressed",
    "proposed",
    "proposal_ended",
    "told",
    "ladder_exhausted",
    "called_up",
    "call_up_answered",
    "not_woken",
]
HoldKind = Literal["shelved", "out_of_service"]


class Episode(NamedTuple):
    """Identity of an alarm: the same input gives the same episodes, whatever crashed in between."""

    point: str
    rule: str
    onset: int

    @property
    def alarm_id(self) -> str:
        """80 bits of BLAKE2b in base32, 16 characters: the same episode has the same id in any store.

        Among 10 million alarms two of the same id have a chance of about 4e-11.
        """
        text = f"{self.point}\n{self.rule}\n{self.onset}".encode()
        return b32encode(hashlib.blake2b(text, digest_size=10).digest()).decode().lower()


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Who did something to the alarm, when by this service's clock, and what he said to it."""

    by: str
    time: int
    comment: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm's copy of the hold of its (point, rule): shelved, or out of service."""

    hold: str
    """Id of the hold."""
    by: str
    time: int
    reason: str
    until: int | None = None
    """ns UTC; None: until the next return to normal."""
    one_shot: bool = False
    """Shelved until the next return to normal, and `until` at the latest."""
    agreed_by: str = ""
    """The second person, where two are needed."""


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """One person wants something that a second one has to agree to."""

    proposal: str
    """Id of the proposal."""
    action: HoldKind
    by: str
    time: int
    reason: str
    until: int | None = None
    one_shot: bool = False
    expires: int
    """ns UTC; not agreed to until then, it is void."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an alarm. Its state is never stored, only derived from these."""

    active: bool
    returned_time: int | None = None
    """source_time at which the condition ended; None while it is active."""
    acknowledged: Acknowledgement | None = None
    confirmed: Acknowledgement | None = None
    """The corrective action was taken (OPC UA Part 9: Confirm)."""
    latched: bool = False
    """The condition is no longer true, and the gateway's latch holds the alarm until a person resets it."""
    reset_wanted: Acknowledgement | None = None
    """A person has asked for the reset; it ends with the gateway's change, or is refused."""
    shelved: Held | None = None
    out_of_service: Held | None = None
    suppressed_by: tuple[str, ...] = ()
    """The active rules that suppress it by design."""
    proposed: Proposed | None = None
    quiet: bool = False
    """Nobody has been told of it yet: it has been hidden since it began."""
    annunciated_time: int = 0
    """When people were told last, by this service's clock."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the point is; empty where the register does not know it."""

    enterprise: str = ""
    installation: str = ""
    unit: str = ""


class RuleCopy(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule and its point said when the alarm was raised."""

    name: str
    name_en: str = ""
    priority: Priority
    alarm_class: AlarmClass
    consequence: str = ""
    consequence_en: str = ""
    response: str = ""
    response_en: str = ""
    time_to_respond_s: float | None = None
    limit_side: str = ""
    """HH, H, L or LL of a rule with a limit; empty for others."""
    setpoint: float | None = None
    """That limit, in the point's engineering unit."""
    latched: bool = False
    known: bool = True
    """False: this service's configuration does not have the rule."""
    second_level_gas: bool = False
    """Second level of a combustible or toxic gas: hidden by nobody alone, grouped and delayed by nothing."""
    place: Place = Place()


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One episode, from its onset until it is normal and acknowledged, and for ever after."""

    id: str
    point: str
    rule: str
    onset: int
    gateway: str
    raised_time: int
    """When this service stored it."""
    received_time: int
    """The gateway's time of the batch that began it."""
    facts: Facts
    copy: RuleCopy
    value: float | None = None
    quality: str = "good"
    figure: float | None = None
    text: str = ""
    version: int = 1
    """Rises with every change; the store refuses a change that was decided on an older version."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal of alarms: something that happened to one alarm. Never changed."""

    alarm_id: str
    kind: EntryKind
    time: int
    """This service's clock."""
    actor: str
    """`gateway:{name}`, `operator:{name}` or `service`."""
    gateway: str = ""
    journal: str = ""
    sequence: int | None = None
    source_time: int | None = None
    received_time: int | None = None
    value: float | None = None
    quality: str = ""
    figure: float | None = None
    cause: str = ""
    text: str = ""
    """The system's particulars, or the person's comment."""
    annunciates: bool = False
    """People are told with this line. Only such lines are counted as alarms in figures of performance."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit: an act of a person, or something that touches trust in the record."""

    time: int
    actor: str
    action: str
    subject: str
    text: str = ""
    enterprise: str = ""
