"""The master alarm database in memory: register (台账) and rules, checked and frozen.

Everything here has been through `alarm_rules.load`; nobody else makes it from user input.

What there are hundreds of thousands of is kept out of the garbage collector's sight (`gc=False`): such a
thing never leads back to itself, and a collector that walks a million of them holds everything up.
"""

from enum import IntEnum
from typing import Any, Literal

import msgspec

Quantity = Literal[
    "combustible_gas", "toxic_gas", "oxygen", "level", "pressure", "temperature", "flow", "state", "other"
]
Signal = Literal["value", "4-20mA"]
PersonRole = Literal["main", "technical", "operational"]
"""主要负责人, 技术负责人, 操作负责人."""


class Priority(IntEnum):
    """Urgency of an alarm (ISA-18.2), most urgent last."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Limits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A point's own limits in its engineering unit; None where it has none."""

    LL: float | None = None
    L: float | None = None
    H: float | None = None
    HH: float | None = None


class OutOfService(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a point is not in use, who said so and since when: an unused point always has an owner."""

    reason: str
    person: str
    since: str


class Point(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A measured quantity at a place."""

    id: str
    """`{enterprise}/{tag}`, unique in a gateway."""
    enterprise: str
    installation: str
    unit: str
    """Id of the tank, vessel or area."""
    tag: str
    """ISA-5.1 style, unique in the enterprise: `TK101.LT01`."""
    name: str = ""
    quantity: Quantity
    engineering_unit: str
    range_low: float
    range_high: float
    period_s: float = 10.0
    """Expected reporting period; drives the stale detector."""
    gateway: str = ""
    """Device (MQTT gateway id) that may publish the point; empty: any of the enterprise's."""
    signal: Signal = "value"
    """What arrives: the value itself, or the loop current in mA to be scaled over the range (NE 43)."""
    latches_over_range: bool = False
    """A catalytic detector that saw more than its range may read low afterwards: lock until checked."""
    deadband: float | None = None
    cas: str = ""
    lel_authority: str = ""
    oel_basis: str = ""
    longitude: float | None = None
    latitude: float | None = None
    in_use: bool = True
    out_of_service: OutOfService | None = None
    limits: Limits = Limits()


class Unit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tank, vessel or gas area of an installation."""

    id: str
    kind: str
    name: str = ""
    substance: str = ""
    """What it holds, as people say it."""
    cas: str = ""
    """CAS number of what it holds."""
    height_m: float | None = None
    """Of the shell, as the level instrument counts it."""
    diameter_m: float | None = None
    volume_m3: float | None = None
    """Nominal."""
    longitude: float | None = None
    latitude: float | None = None


class EmergencyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan for the emergency (应急预案), as it was filed with the authority."""

    title: str
    version: str = ""
    filed: str = ""
    """Date, as 2026-03-01."""
    document: str = ""
    """http(s) address of the text."""


class ResponsiblePerson(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three persons who answer for an installation (包保责任人)."""

    role: PersonRole
    name: str
    phone: str = ""


class EmergencyTeam(msgspec.Struct, frozen=True, kw_only=True):
    """Who goes out when something happens (应急队伍)."""

    name: str
    leader: str = ""
    phone: str = ""
    people: int | None = None


class EmergencyMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """Something kept for the emergency (应急物资)."""

    name: str
    quantity: float | None = None
    counted_in: str = ""
    """Unit of the quantity: 套, 具, t."""
    place: str = ""
    keeper: str = ""
    checked: str = ""
    """Date of the last check, as 2026-03-01."""


class VideoSource(msgspec.Struct, frozen=True, kw_only=True):
    """A camera, by its address (http, https or rtsp)."""

    name: str
    address: str


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """A major hazard installation (重大危险源)."""

    id: str
    name: str = ""
    hazard_class: int | None = None
    """1 to 4 after GB 18218; None if not classified."""
    r_value: float | None = None
    longitude: float | None = None
    latitude: float | None = None
    plans: tuple[EmergencyPlan, ...] = ()
    persons: tuple[ResponsiblePerson, ...] = ()
    teams: tuple[EmergencyTeam, ...] = ()
    materials: tuple[EmergencyMaterial, ...] = ()
    videos: tuple[VideoSource, ...] = ()
    units: tuple[Unit, ...] = ()


class Enterprise(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    district: str = ""
    """County, district or park whose bureau watches it."""
    city: str = ""
    installations: tuple[Installation, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What may alarm: one row of the master alarm database (ISA-18.2)."""

    id: str
    """`{enterprise}/{rule}`, unique in a gateway."""
    point: str
    """Point id."""
    name: str = ""
    name_en: str = ""
    detector: str
    """Name of a kind in `detectors/kinds/`."""
    params: Any
    """The kind's `Params`, validated and completed from the point."""
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    latched: bool = False
    priority: Priority = Priority.MEDIUM
    alarm_class: Literal["process", "instrument", "system", "advisory"] = "process"
    """Instrument faults and the gateway's own troubles are never counted as process alarms;
    trends announce and are a class of their own, because ISA-18.2 counts only what needs an action."""
    consequence: str = ""
    consequence_en: str = ""
    response: str = ""
    response_en: str = ""
    time_to_respond_s: float | None = None
    suppressed_by: tuple[str, ...] = ()
    """Ids of the enterprise's rules that suppress this one by design while they are true."""
    origin: str = ""
    """`file:line` that this rule comes from, or the pack's."""
    pack: str = ""
    """Name of the pack that gives it, as it stands there or overridden; empty: a rule of the site's own."""
    reason: str = ""
    """Why the rule departs from its pack, and `person` who decided so."""
    person: str = ""


class DisabledRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rule that is not evaluated, with its owner: switched off by the site, or its point is not in use."""

    id: str
    point: str
    reason: str
    person: str
    since: str = ""
    origin: str = ""


class SystemRule(msgspec.Struct, frozen=True, kw_only=True):
    """One of the gateway's own conditions (`alarm_rules/packs/system.yaml`)."""

    id: str
    """Without enterprise: `system/device_offline`."""
    name: str
    name_en: str
    priority: Priority
    consequence: str
    consequence_en: str
    response: str
    response_en: str


class LadderMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Which alarms a ladder is for. An empty tuple asks nothing; several values mean any of them."""

    priority: tuple[Priority, ...] = ()
    alarm_class: tuple[str, ...] = ()
    """Empty: every class but `advisory`, which nobody has to answer."""
    enterprise: tuple[str, ...] = ()
    installation: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    point: tuple[str, ...] = ()
    """Tags or `{enterprise}/{tag}`, with `*` for any letters."""
    rule: tuple[str, ...] = ()
    """Rule ids with or without the enterprise, with `*` for any letters."""


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told after a while, and how."""

    after_s: float
    """Seconds since the alarm was raised; in `Ladder.acked_steps` since it was acknowledged."""
    to: tuple[str, ...]
    """A receiver's id, `rota:{id}` (who is on call then) or `role:{name}` (all with that role)."""
    channels: tuple[str, ...] = ()
    """Only these ways; empty: every way the receiver has, except a voice call."""
    repeat_every_s: float = 0.0
    repeat_times: int = 0
    """Tell the same again so many times."""
    call_up: bool = False
    """Phone them until they answer (叫应)."""
    source: str = ""


class LadderTop(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told again and again once the ladder has come to its end without an answer."""

    to: tuple[str, ...]
    every_s: float
    channels: tuple[str, ...] = ()
    call_up: bool = False


class Ladder(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Who is told of an alarm, when, until somebody acknowledges it. Its times are policy, no regulation."""

    id: str
    name: str = ""
    name_en: str = ""
    match: LadderMatch = LadderMatch()
    steps: tuple[LadderStep, ...]
    """Until the alarm is acknowledged, by `after_s`."""
    acked_steps: tuple[LadderStep, ...] = ()
    """While an acknowledged alarm is still active or unconfirmed."""
    top: LadderTop
    returned_factor: float = 1.0
    """The remaining waits are so many times as long once the condition has ended without an answer."""
    status: str = ""
    origin: str = ""
    """`file:line`."""


class CallUpPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody is called up (叫应): by phone, until he answers or has to be reached otherwise."""

    calls: int
    """At most so many calls."""
    within_s: float
    """The last of them begins within so many seconds of the first."""
    listen_s: float
    """Who listened so long has heard the whole message."""
    ring_s: float
    """A call without any report after so long counts as not answered."""
    source: str = ""
    status: str = ""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """All that one gateway watches. Order of `points` and `rules` is the order of the files."""

    enterprises: tuple[Enterprise, ...]
    points: tuple[Point, ...]
    rules: tuple[Rule, ...]
    """Those to be evaluated. Points out of service have none here; theirs are under `disabled`."""
    disabled: tuple[DisabledRule, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    """First match wins; the last catches every alarm but advisory ones. Empty only in a site made by hand."""
    call_up: CallUpPolicy | None = None


class Finding(msgspec.Struct, frozen=True, order=True):
    """One mistake in the files: place, what is wrong, what would be right, in English and in Chinese."""

    file: str
    line: int
    wrong: str
    right: str
    column: str = ""
    """Of a table, as spreadsheets name it; not part of the one-line form."""
    wrong_zh: str = ""
    right_zh: str = ""
    """`wrong` and `right` in Chinese."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.wrong}: {self.right}"
