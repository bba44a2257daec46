"""The stage of delays with its columns: edges of all kinds in, changes out.

Thin: the decisions stand in `detectors.delays`, the columns in `detectors.delay_columns`.
"""

from collections.abc import Sequence

import numpy as np

from detectors import delays
from detectors.changes import Changes, make_change_columns, take, with_room
from detectors.contract import NEVER, Bool, Int32, Int64, Samples
from detectors.delay_columns import NEVER_HEARD, Fed, make_delay_state
from detectors.rows import KindRows, RuleRow, make_delays


class Stage:
    """Delays and latches of all rules over `points` points."""

    def __init__(self, rules: Sequence[RuleRow], points: int) -> None:
        self.settings = make_delays(rules)
        self.out = make_change_columns(2 * len(rules) + 64)
        self._rules = len(rules)
        self.heard = np.empty((points, 2), dtype=np.int64)
        self.clear()

    def clear(self) -> None:
        """Nothing is active, nobody was ever heard."""
        self.state = make_delay_state(self._rules)
        self.heard[:] = NEVER_HEARD
        self.due = NEVER
        """received_time before which nothing pending comes."""

    @property
    def filled(self) -> int:
        """Changes that wait to be taken."""
        return int(self.out.filled[0])

    def take(self, timers: int) -> Changes:
        """The changes in order; the first `timers` of them came from timers."""
        return take(self.out, timers)

    def settle(self, rows: KindRows, count: int, samples: Samples, origin: Int32, received: int) -> None:
        """Settle the first `count` edges of a kind: see `delays.settle`."""
        self.out = with_room(self.out, 2 * count)
        due = delays.settle(
            rows.edges, count, rows.rules, samples, origin, received,
            self.settings, self.state, self.heard, self.out,
        )  # fmt: skip
        self.due = min(self.due, due)

    def settle_fed(self, rows: KindRows, count: int, samples: Samples, fed: Fed) -> None:
        """Settle the first `count` edges of a kind over rules: see `delays.settle_fed`."""
        self.out = with_room(self.out, 2 * count)
        due = delays.settle_fed(
            rows.edges, count, rows.rules, samples, fed, self.settings, self.state, self.heard, self.out
        )
        self.due = min(self.due, due)

    def fire(self, received_time: int, *, over_rules: bool) -> None:
        """Give what is due, of the rules over rules or of the others."""
        self.out = with_room(self.out, self._rules)
        self.due = delays.fire(self.settings, self.state, self.heard, received_time, over_rules, self.out)

    def look_again(self) -> None:
        """Make `due` exact."""
        self.due = delays.earliest_pending(self.state)

    def reset(self, rules: Int32, received_time: int, first: int) -> Bool:
        """End what only a latch holds; which of the rules were refused. Their orders begin at `first`."""
        self.out = with_room(self.out, len(rules))
        refused = np.zeros(len(rules), dtype=np.bool_)
        delays.reset(self.settings, self.state, rules, received_time, first, refused, self.out)
        return refused

    def hold(self, rules: Int32, onsets: Int64) -> None:
        """Their episodes are on, and the latch alone holds them."""
        state = self.state
        state.active[rules] = True
        state.held[rules] = True
        state.onset[rules] = state.since[rules] = onsets
        state.quality[rules] = delays.NO_VALUE

    def free(self, time: int) -> None:
        """What a latch held and is latched no more must not hang: it ends, or is true again, at once."""
        state = self.state
        freed = state.held & ~self.settings.latched
        state.pending[freed & (state.pending == delays.NOT_PENDING)] = delays.PENDING_OFF
        state.deadline[freed] = time
