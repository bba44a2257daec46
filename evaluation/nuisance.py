"""What is annoying about a rule's alarms, and what a changed rule would make of it. Pure.

A *repeat* is an alarm that begins soon after the end of the one before: together they are one *cluster*, of
which one alarm would have been enough. A *true* alarm lasted long enough that it must never be lost, delayed
or hidden: hidden is one that would only prolong an alarm of an earlier cluster, so that nobody is told anew.
"""

from collections.abc import Sequence

import msgspec

from evaluation.comparing import pair
from evaluation.episodes import SECOND_NS, Episode


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a proposal has to achieve. Defaults are choices of this project, no regulation."""

    remove_share: float = 0.8
    """Of the repeats, or of the short alarms."""
    true_s: float = 60.0
    """An alarm that lasted at least so long is true."""
    repeat_s: float = 600.0
    """An alarm that begins so soon after the end of the one before is a repeat."""
    may_delay_s: float = 15.0
    """By so much an on-delay may delay an alarm; deadband and off-delay never may."""
    least_repeats: int = 5
    least_days: float = 7.0
    """Of history with data; with less nothing is proposed."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a changed rule would have made of the alarms of the range."""

    alarms_before: int
    alarms_after: int
    repeats_before: int
    repeats_after: int
    short_before: int
    short_after: int
    true_before: int
    true_lost: int
    true_hidden: int
    delay_s: float
    """The longest by which a true alarm would have been told later."""
    gained: int
    lost: int
    shifted: int

    @property
    def removed_share(self) -> float:
        """Of the repeats."""
        return 1 - self.repeats_after / self.repeats_before if self.repeats_before else 0.0

    @property
    def shortened_share(self) -> float:
        """Of the short alarms."""
        return 1 - self.short_after / self.short_before if self.short_before else 0.0


def clusters(episodes: Sequence[Episode], repeat_s: float, end: int) -> list[list[Episode]]:
    """The alarms of one rule, those together that follow each other within `repeat_s`."""
    found: list[list[Episode]] = []
    for each in sorted(episodes, key=lambda one: one.began):
        if found and each.began - found[-1][-1].until(end) <= repeat_s * SECOND_NS:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def repeats(episodes: Sequence[Episode], repeat_s: float, end: int) -> int:
    """Alarms of one rule of which one before would have been enough."""
    return len(episodes) - len(clusters(episodes, repeat_s, end))


def is_true(episode: Episode, true_s: float, end: int) -> bool:
    """Did it last long enough that it must not be lost?"""
    return episode.until(end) - episode.onset >= true_s * SECOND_NS


def short(episodes: Sequence[Episode], true_s: float, end: int) -> int:
    """Alarms that were over before anybody could act."""
    return sum(not is_true(each, true_s, end) for each in episodes)


def effect(before: Sequence[Episode], after: Sequence[Episode], wishes: Wishes, end: int) -> Effect:
    """Compare the alarms of one rule with those of its changed form; ids may differ."""
    name = after[0].rule if after else ""
    pairing = pair(before, after, {each.rule: name for each in before}, end)
    true = [each for each in before if is_true(each, wishes.true_s, end)]
    teller = [_told_by(each, after, end) for each in true]
    delays = [max(0, by.began - each.began) for each, by in zip(true, teller, strict=True) if by is not None]
    return Effect(
        alarms_before=len(before),
        alarms_after=len(after),
        repeats_before=repeats(before, wishes.repeat_s, end),
        repeats_after=repeats(after, wishes.repeat_s, end),
        short_before=short(before, wishes.true_s, end),
        short_after=sum(
            not is_true(each, wishes.true_s, end) for each in before if _told_by(each, after, end)
        ),
        true_before=len(true),
        true_lost=sum(by is None for by in teller),
        true_hidden=_hidden(before, after, wishes, end),
        delay_s=max(delays, default=0) / SECOND_NS,
        gained=len(pairing.gained),
        lost=len(pairing.lost),
        shifted=sum(one.began != other.began or one.ended != other.ended for one, other in pairing.pairs),
    )


def _told_by(episode: Episode, others: Sequence[Episode], end: int) -> Episode | None:
    """The first of these that is on while the episode is."""
    meeting = [
        other for other in others if other.began < episode.until(end) and other.until(end) > episode.began
    ]
    return min(meeting, key=lambda other: other.began, default=None)


def _hidden(before: Sequence[Episode], after: Sequence[Episode], wishes: Wishes, end: int) -> int:
    """Clusters with a true alarm of which the changed rule tells only by an alarm of a cluster before."""
    hidden = 0
    for cluster in clusters(before, wishes.repeat_s, end):
        true = [each for each in cluster if is_true(each, wishes.true_s, end)]
        by = _told_by(true[0], after, end) if true else None
        hidden += by is not None and by.onset < cluster[0].onset and by.began < cluster[0].began
    return hidden


def calms(found: Effect, wishes: Wishes) -> bool:
    """Removes enough of the repeats, and touches no true alarm."""
    return (
        found.removed_share >= wishes.remove_share
        and found.true_lost == found.true_hidden == 0
        and found.delay_s == 0
    )


def shortens(found: Effect, wishes: Wishes) -> bool:
    """Removes enough of the short alarms, and delays a true one by no more than is allowed."""
    return (
        found.shortened_share >= wishes.remove_share
        and found.true_lost == found.true_hidden == 0
        and found.delay_s <= wishes.may_delay_s
    )
