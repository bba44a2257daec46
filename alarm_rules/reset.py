"""What the gateway answers when it is asked to reset latched rules."""

from collections.abc import Collection

import msgspec


class ResetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each rule that was to be reset; it is committed when this is said.

    An ending itself comes as a change like any other, with the cause `reset`.
    """

    reset: tuple[str, ...] = ()
    """Only the latch held these: their episode has ended."""
    still_true: tuple[str, ...] = ()
    """Their condition still counts as true (it is, or one of its delays has not passed): they stay active."""
    over: tuple[str, ...] = ()
    """Not active: nothing was to be reset."""
    unknown: tuple[str, ...] = ()
    """This gateway evaluates no such rule."""

    def of(self, rules: Collection[str]) -> "ResetAnswer":
        """The part of the answer that these rules are about."""
        return ResetAnswer(
            reset=tuple(rule for rule in self.reset if rule in rules),
            still_true=tuple(rule for rule in self.still_true if rule in rules),
            over=tuple(rule for rule in self.over if rule in rules),
            unknown=tuple(rule for rule in self.unknown if rule in rules),
        )
