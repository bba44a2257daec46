"""What a rule has told of lately: how often, how soon it was answered, and whether it chatters. Pure."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from api.alarms.quality.annunciations import SECOND_NS, Annunciation, columns_of
from api.alarms.quality.chattering import CHATTER_ABOVE, chatterers, fleeting


class Noise(NamedTuple):
    """Of one rule over a span."""

    alarms: int
    """Episodes that people were told of."""
    annunciations: int
    """Times that they were: an alarm that asks again counts each time."""
    acknowledged: int
    """Annunciations that somebody answered."""
    median_to_acknowledge_s: float | None
    """None: nobody has answered any."""
    fleeting: int
    """Over within 10 s and not repeated within 60 s."""
    worst_transitions: int
    """In the worst 5 minutes, when it chattered; else 0. Chattering is more than 5."""
    cut: bool
    """There were more annunciations than are looked at; these are the newest."""


def noise_of(told: Sequence[Annunciation], end: int, most: int) -> Noise:
    """told: of one rule, at most `most`; end: of the span, ns UTC."""
    answers = [
        (each.acknowledged_time - each.time) / SECOND_NS
        for each in told
        if each.acknowledged_time is not None
    ]
    columns = columns_of(told)
    worst = max((each.transitions for each in chatterers(columns, end)), default=0)
    return Noise(
        alarms=len({each.onset for each in told}),
        annunciations=len(told),
        acknowledged=len(answers),
        median_to_acknowledge_s=round(median(answers), 1) if answers else None,
        fleeting=int(fleeting(columns).sum()),
        worst_transitions=worst if worst > CHATTER_ABOVE else 0,
        cut=len(told) >= most,
    )
