"""What could be tried for a rule that annoys: deadbands, delays, and limits where they are only advice.

The figures of the grids are choices of this project. That a deadband above 5 % of the range, or an on-delay
above 60 s, is too much for a start: starting values named in EEMUA 191 / ISA-TR18.2 (flow 5 % and 15 s,
level 5 % and 60 s, pressure 2 % and 15 s, temperature 1 % and 60 s); unverified, from general knowledge.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from alarm_rules.model import Point, Rule
from alarm_rules.suppression_checks import GASES

OFF_DELAYS_S = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)
ON_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0)
LONGEST_ON_DELAY_S = {"flow": 15.0, "pressure": 15.0, "level": 60.0, "temperature": 60.0}
DEADBANDS_OF_RANGE = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05)
BOTH_DEADBANDS, BOTH_OFF_DELAYS_S = (0.005, 0.01, 0.02, 0.05), (15.0, 60.0, 180.0)
SAFETY_SIDES = ("HH", "LL")
LIMIT = "limit"


class Change(NamedTuple):
    """Other values for one rule; what is None stays."""

    deadband: float | None = None
    off_delay_s: float | None = None
    on_delay_s: float | None = None
    setpoint: float | None = None

    @property
    def kind(self) -> str:
        """`deadband`, `off_delay`, `deadband and off_delay`, `on_delay`, `limit`."""
        named = {
            "deadband": self.deadband,
            "off_delay": self.off_delay_s,
            "on_delay": self.on_delay_s,
            "limit": self.setpoint,
        }
        return " and ".join(name for name, value in named.items() if value is not None)

    def override(self) -> dict[str, Any]:
        """As a file of changes has it."""
        when = {"deadband": self.deadband, "setpoint": self.setpoint}
        keys: dict[str, Any] = {"off_delay_s": self.off_delay_s, "on_delay_s": self.on_delay_s}
        given = {name: value for name, value in keys.items() if value is not None}
        inside = {name: value for name, value in when.items() if value is not None}
        return ({"when": inside} if inside else {}) | given

    def made(self, rule: Rule, name: str) -> Rule:
        """The rule with these values, under another id."""
        params = rule.params
        given = {"deadband": self.deadband, "setpoint": self.setpoint}
        inside = {key: value for key, value in given.items() if value is not None}
        if inside:
            params = dataclasses.replace(params, **inside)
        return msgspec.structs.replace(
            rule,
            id=name,
            params=params,
            off_delay_s=rule.off_delay_s if self.off_delay_s is None else self.off_delay_s,
            on_delay_s=rule.on_delay_s if self.on_delay_s is None else self.on_delay_s,
            suppressed_by=(),
        )


def calming(rule: Rule, point: Point) -> Iterator[Change]:
    """Deadbands, the smallest first; then off-delays; then both together."""
    deadbands = list(_deadbands(rule, point, DEADBANDS_OF_RANGE))
    off_delays = [seconds for seconds in OFF_DELAYS_S if seconds > rule.off_delay_s]
    yield from (Change(deadband=each) for each in deadbands)
    yield from (Change(off_delay_s=each) for each in off_delays)
    for deadband in _deadbands(rule, point, BOTH_DEADBANDS):
        for seconds in BOTH_OFF_DELAYS_S:
            if seconds > rule.off_delay_s:
                yield Change(deadband=deadband, off_delay_s=seconds)


def _deadbands(rule: Rule, point: Point, shares: tuple[float, ...]) -> Iterator[float]:
    if rule.detector != LIMIT:
        return
    for share in shares:
        deadband = float(f"{share * abs(point.range_high - point.range_low):.4g}")
        if deadband > rule.params.deadband:
            yield deadband


def shortening(rule: Rule, point: Point, may_delay_s: float) -> Iterator[Change]:
    """On-delays, the shortest first; none where `delay_refused` says why."""
    if delay_refused(rule, point) is None:
        longest = min(may_delay_s, LONGEST_ON_DELAY_S.get(point.quantity, 60.0))
        for seconds in ON_DELAYS_S:
            if rule.on_delay_s < seconds <= longest:
                yield Change(on_delay_s=seconds)


def delay_refused(rule: Rule, point: Point) -> str | None:
    """Why no on-delay is ever proposed for a rule; None: one may be."""
    if point.quantity in GASES:
        return "a gas alarm is never delayed"
    if getattr(rule.params, "side", None) in SAFETY_SIDES:
        return "a safety limit (HH, LL) is never delayed: only its deadband and off-delay may change"
    return None


def limit_refused(rule: Rule, point: Point) -> str | None:
    """Why no other limit is ever advised from history; None: it may be."""
    side = getattr(rule.params, "side", None)
    if point.quantity in GASES:
        return (
            "the levels of a gas detector are what the standard allows (GB/T 50493), not what the history "
            "of the detector looks like"
        )
    if side in SAFETY_SIDES:
        return "a safety limit (HH, LL) comes from the design of the vessel, never from its history"
    if rule.detector != LIMIT:
        return f"the rule is of kind {rule.detector}: only limits H and L can be advised from quantiles"
    return None


def advised(rule: Rule, quantiles: tuple[float, ...], room: float | None) -> Iterator[Change]:
    """Limits beyond what the point usually does, the nearest first; never past half the way to the safety
    limit `room`."""
    sign = 1.0 if rule.params.side == "H" else -1.0
    present = rule.params.setpoint
    farthest = None if room is None else present + (room - present) / 2
    for quantile in quantiles:
        setpoint = float(f"{quantile:.4g}")
        beyond = sign * (setpoint - present) > 0
        within = farthest is None or sign * (farthest - setpoint) >= 0
        if beyond and within:
            yield Change(setpoint=setpoint)
