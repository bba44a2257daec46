"""Two replays of the same history side by side: which alarms came, which went, which moved. Pure.

Episodes of before and after belong together when they are of partner rules at the same point and the spans
of their conditions meet. Of several that meet, each takes the earliest that is still free, so that as many
as possible find a partner. One without a partner whose span lies within another episode's is *merged* (lost,
but a longer alarm tells of it) or *split* (gained, out of one that was longer).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from evaluation.episodes import SECOND_NS, Episode


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that only one of the two replays has. Times are ns UTC."""

    rule: str
    point: str
    priority: str
    alarm_class: str
    onset: int
    began: int
    ended: int | None
    """null: not before the end of the range."""
    duration_s: float
    within_other: bool
    """Another alarm of the rule, in the other replay, covers its whole time: merged or split, not missed."""


class Shifted(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that both replays have, at other times. Times are ns UTC; seconds are after minus before."""

    rule: str
    """Its id afterwards."""
    point: str
    priority: str
    began_before: int
    began_after: int
    begins_later_s: float
    lasts_longer_s: float
    rule_before: str = ""
    """Its id before, where that was another one."""


class Pairing(NamedTuple):
    """Every episode of both replays once."""

    pairs: list[tuple[Episode, Episode]]
    lost: list[Episode]
    gained: list[Episode]


def pair(
    before: Sequence[Episode], after: Sequence[Episode], partner: Mapping[str, str], end: int
) -> Pairing:
    """Which episodes belong together. partner: rule of before -> rule afterwards; end: of the replay."""
    waiting = _by_key(after)
    pairs, lost = [], []
    for key, mine in _by_key(before).items():
        theirs = waiting.pop((partner.get(key[0], ""), key[1]), [])
        found, left, free = _meet(mine, theirs, end)
        pairs += found
        lost += left
        if free:
            waiting[theirs[0].rule, key[1]] = free
    gained = [each for rest in waiting.values() for each in rest]
    return Pairing(sorted(pairs), sorted(lost, key=_by_time), sorted(gained, key=_by_time))


def _by_key(episodes: Iterable[Episode]) -> dict[tuple[str, str], list[Episode]]:
    keys: dict[tuple[str, str], list[Episode]] = {}
    for each in sorted(episodes, key=_by_time):
        keys.setdefault((each.rule, each.point), []).append(each)
    return keys


def _by_time(episode: Episode) -> tuple[int, str, str]:
    return (episode.onset, episode.rule, episode.point)


def _meet(
    mine: Sequence[Episode], theirs: Sequence[Episode], end: int
) -> tuple[list[tuple[Episode, Episode]], list[Episode], list[Episode]]:
    """(pairs, mine without a partner, theirs without one). Episodes of one rule never overlap each other."""
    pairs: list[tuple[Episode, Episode]] = []
    left: list[Episode] = []
    free: list[Episode] = []
    i = j = 0
    while i < len(mine) and j < len(theirs):
        if mine[i].until(end) < theirs[j].onset:
            left.append(mine[i])
            i += 1
        elif theirs[j].until(end) < mine[i].onset:
            free.append(theirs[j])
            j += 1
        else:
            pairs.append((mine[i], theirs[j]))
            i += 1
            j += 1
    return pairs, [*left, *mine[i:]], [*free, *theirs[j:]]


def covered(episode: Episode, others: Iterable[Episode], end: int) -> bool:
    """Does one of these tell of the whole time of an episode? It may not begin later."""
    return any(
        other.began <= episode.began and other.until(end) >= episode.until(end)
        for other in others
        if other.point == episode.point
    )


def seconds(ns: int) -> float:
    """To the millisecond."""
    return round(ns / SECOND_NS, 3)


def is_shifted(pair_of: tuple[Episode, Episode], end: int) -> bool:
    """Do the two begin or end at different times?"""
    one, other = pair_of
    return one.began != other.began or one.until(end) != other.until(end)
