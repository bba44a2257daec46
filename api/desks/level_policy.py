"""The section `levels` of the policy: which alarms give an installation which colour.

Every condition holds from a moment on and then for as long as its alarms stay: more alarms, more urgent
ones or longer ones can only add rules that hold. Together with "the most urgent rule counts" this makes
the level monotone, whatever figures the file has.
"""

from typing import Literal

import msgspec

from alarm_rules.model import Priority
from api.desks.colours import ByColour, LevelName, WarningLevel, level_of

AlarmClassName = Literal["process", "instrument", "system", "advisory"]
PriorityName = Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]


class LevelByClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level for each class of GB 18218, 一级 (1) to 四级 (4). A worse class never has a lower level."""

    class_1: LevelName
    class_2: LevelName
    class_3: LevelName
    class_4: LevelName
    unclassified: LevelName

    def __post_init__(self) -> None:
        levels = [level_of(name) for name in (self.class_1, self.class_2, self.class_3, self.class_4)]
        if levels != sorted(levels, reverse=True):
            raise ValueError("class_1 to class_4: a worse class may not have a lower level than a better one")

    def of(self, hazard_class: int | None) -> WarningLevel:
        if hazard_class is None:
            return level_of(self.unclassified)
        return level_of((self.class_1, self.class_2, self.class_3, self.class_4)[hazard_class - 1])


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many active alarms of this kind, each for so long. Empty fields do not restrict."""

    alarm_class: tuple[AlarmClassName, ...] = ()
    priority_at_least: PriorityName = "LOW"
    second_level_gas: bool = False
    """Only HH of gas detectors, and detectors beyond their range."""
    offline: bool = False
    """Only conditions that say that the installation's gateway is silent."""
    unanswered: bool = False
    """Only those that nobody has acknowledged."""
    count_at_least: int = 1
    count: Literal["alarms", "points"] = "alarms"
    """What is counted. Points: several alarms of one detector count once; they do not confirm each other."""
    share_at_least: float | None = None
    """Instead of a count: points with such an alarm, as a share of the points in use."""
    for_s: float = 0.0
    """How long each of them has been active, in seconds."""

    def __post_init__(self) -> None:
        if self.count_at_least < 1:
            raise ValueError("count_at_least is 1 or more")
        if self.share_at_least is not None and not 0 < self.share_at_least <= 1:
            raise ValueError("share_at_least is above 0 and at most 1")
        if self.for_s < 0:
            raise ValueError("for_s is 0 or more")

    @property
    def least_priority(self) -> Priority:
        return Priority[self.priority_at_least]


class LevelRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason for a level: it holds while all its conditions hold."""

    id: str
    name: str
    name_en: str
    level: LevelName | LevelByClass
    when: tuple[Condition, ...]
    floor: bool = False
    """Its level cannot be lowered by hand while it holds."""
    source: str

    def __post_init__(self) -> None:
        if not self.when:
            raise ValueError(f"rule {self.id}: `when` names at least one condition")

    def level_for(self, hazard_class: int | None) -> WarningLevel:
        if isinstance(self.level, LevelByClass):
            return self.level.of(hazard_class)
        return level_of(self.level)


class LevelPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the four colours are given, kept and adjusted."""

    label: str
    sources: tuple[str, ...]
    offline_rules: tuple[str, ...]
    """Rule ids without enterprise whose alarms say that a gateway is silent."""
    hold_s: ByColour
    """How long the reasons for a level must be gone before it falls: it must not flap."""
    max_adjustment_s: float
    """How long a level set by hand lasts at most."""
    rules: tuple[LevelRule, ...]

    def __post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        twice = sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1})
        if twice:
            raise ValueError(f"rules stand twice: {', '.join(twice)}")
        gas = [rule for rule in self.rules if rule.floor and rule.when == (Condition(second_level_gas=True),)]
        if not gas or any(rule.level_for(None) is WarningLevel.NONE for rule in gas):
            raise ValueError(
                "one rule with `floor: true` and only `second_level_gas: true` gives second-level gas alarms "
                "a level at once: it may be changed, but not left out"
            )

    def rule(self, rule_id: str) -> LevelRule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)
