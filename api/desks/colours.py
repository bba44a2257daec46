"""The bureau's four colours for an installation. Progress of an order has a scale of its own."""

from enum import IntEnum
from itertools import pairwise
from typing import Literal

import msgspec

from api.bilingual import both

LevelName = Literal["none", "blue", "yellow", "orange", "red"]
Colour = Literal["blue", "yellow", "orange", "red"]


class WarningLevel(IntEnum):
    """Most urgent last. Names after the Jilin mechanism of 2020: 低风险, 一般, 较大, 重大预警."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def word(self) -> LevelName:
        """As it stands in files, URLs and on screens."""
        return _WORDS[self]

    @property
    def chinese(self) -> str:
        return _CHINESE[self]

    @property
    def named(self) -> str:
        """In both languages: `红色 ‖ red`."""
        return both(self.chinese, self.word)


_WORDS: dict[int, LevelName] = {0: "none", 1: "blue", 2: "yellow", 3: "orange", 4: "red"}
_CHINESE = {0: "无预警", 1: "蓝色", 2: "黄色", 3: "橙色", 4: "红色"}


def level_of(word: LevelName) -> WarningLevel:
    """The level of this name."""
    return WarningLevel[word.upper()]


class ByColour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time for each colour, in seconds. A more urgent colour never has more time."""

    blue: float
    yellow: float
    orange: float
    red: float

    def __post_init__(self) -> None:
        times = (self.blue, self.yellow, self.orange, self.red)
        if min(times) <= 0:
            raise ValueError("a time is longer than 0 s")
        if any(less < more for less, more in pairwise(times)):
            raise ValueError("a more urgent colour may not have more time than a less urgent one")

    def of(self, level: WarningLevel) -> float:
        """Seconds; the level NONE has the time of blue."""
        times = (self.blue, self.blue, self.yellow, self.orange, self.red)
        return times[level]
