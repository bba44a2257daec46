"""The section `warnings` of the policy: who is told of which colour, and how long each step may take."""

from typing import Literal

import msgspec

from api.desks.colours import ByColour, Colour, WarningLevel, level_of

Authority = Literal["enterprise", "district", "city", "province"]
AUTHORITIES: tuple[Authority, ...] = ("enterprise", "district", "city", "province")
"""From below to above."""
StepName = Literal["sign", "ask", "answer", "verify", "close"]


class ToldByColour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The highest authority that learns of a colour at once; everybody below it is told too."""

    blue: Authority
    yellow: Authority
    orange: Authority
    red: Authority

    def __post_init__(self) -> None:
        ranks = [AUTHORITIES.index(name) for name in (self.blue, self.yellow, self.orange, self.red)]
        if ranks != sorted(ranks):
            raise ValueError("a more urgent colour may not reach a lower authority than a less urgent one")

    def of(self, level: WarningLevel) -> Authority:
        return (self.blue, self.blue, self.yellow, self.orange, self.red)[level]


class StepTimes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long each step may take from the moment at which it is owed, in seconds."""

    sign: ByColour
    ask: ByColour
    answer: ByColour
    verify: ByColour
    close: ByColour


class WarningPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The closed loop (闭环) of a warning."""

    label: str
    sources: tuple[str, ...]
    begins_at: Colour
    """From this colour on the bureau's desk gets a warning that it has to close."""
    told: ToldByColour
    deadline_s: StepTimes
    repeat_s: ByColour
    """An overdue step is pushed one authority higher each time this has passed."""

    @property
    def threshold(self) -> WarningLevel:
        return level_of(self.begins_at)
