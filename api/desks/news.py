"""What screens learn after a commit: the tiny interface between the desks and a live stream."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from api.desks.colours import LevelName

DeltaKind = Literal["level", "warning", "supervision", "duty_check", "commitment", "shift"]


class DeskDelta(msgspec.Struct, frozen=True, kw_only=True):
    """Something on a desk is another now. A screen that cares reads it anew by `id`."""

    kind: DeltaKind
    enterprise: str
    """Whom it concerns; a bureau's desk has its own id here."""
    installation: str = ""
    id: str = ""
    """Of the warning, order, check or desk; empty for a level."""
    state: str = ""
    level: LevelName = "none"
    since: int = 0
    """ns UTC of the change."""


DeskHook = Callable[[Sequence[DeskDelta]], None]
"""Called in the event loop after the commit, with what that transaction changed. Must not block or raise."""


def nobody_listens(_deltas: Sequence[DeskDelta]) -> None:
    """The hook until somebody sets another."""
