"""Which rules stand for the second level of a gas, where nobody may hide anything alone."""

import pytest

from alarm_rules.model import Point, Priority, Rule
from alarm_rules.suppression_checks import is_second_level_gas
from detectors.kinds.instrument_signal import Params as Signal
from detectors.kinds.limit import Params as Limit


def _rule(detector: str, params: object) -> Rule:
    return Rule(
        id="acme/A1.GT01/X",
        point="acme/A1.GT01",
        detector=detector,
        params=params,
        priority=Priority.CRITICAL,
    )


def _point(quantity: str) -> Point:
    return Point(
        id="acme/A1.GT01",
        enterprise="acme",
        installation="tank-farm",
        unit="A1",
        tag="A1.GT01",
        quantity=quantity,
        engineering_unit="%",
        range_low=0.0,
        range_high=100.0,
    )


@pytest.mark.parametrize(
    ("quantity", "rule", "second_level"),
    [
        ("combustible_gas", _rule("limit", Limit(side="HH", setpoint=50.0)), True),
        ("toxic_gas", _rule("limit", Limit(side="HH", setpoint=50.0)), True),
        ("combustible_gas", _rule("limit", Limit(side="H", setpoint=25.0)), False),
        ("level", _rule("limit", Limit(side="HH", setpoint=95.0)), False),
        ("combustible_gas", _rule("instrument_signal", Signal(states=("over_range",))), True),
        ("toxic_gas", _rule("instrument_signal", Signal(states=("failure", "over_range_locked"))), True),
        ("combustible_gas", _rule("instrument_signal", Signal(states=("failure",))), False),
        ("pressure", _rule("instrument_signal", Signal(states=("over_range",))), False),
    ],
)
def test_gas_beyond_its_range_stands_with_the_second_level(
    quantity: str, rule: Rule, second_level: bool
) -> None:
    assert is_second_level_gas(rule, _point(quantity)) is second_level
