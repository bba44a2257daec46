"""Rules over rules: fed with what the other rules became, after delays and latch.

A watched rule counts as true from the beginning of its episode to the end, so also while only its latch
holds it: nobody has yet said that the danger is past. The bank calls `feed` after the timers and after
the samples of a batch, so a rule over rules learns of a change in the step that brought it out.
"""

from collections.abc import Sequence

import numpy as np

from detectors.columns import truths_as_samples
from detectors.contract import NO_SAMPLE, Bool, Int32, Int64, Samples
from detectors.delay_columns import Fed
from detectors.rows import KindRows
from detectors.stage import Stage


class OverRules:
    """The rows of all kinds over rules; what they watch, and the `stage` that they share with it."""

    def __init__(self, kinds: Sequence[KindRows], rules: int, stage: Stage) -> None:
        self._kinds = kinds
        self._stage = stage
        self._watched = np.zeros(rules, dtype=np.bool_)
        for rows in kinds:
            self._watched |= np.diff(rows.index.starts) > 0

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def feed(self, begin: int, samples: Samples, received_time: int | None) -> None:
        """Judge the changes that wait in the stage from place `begin` on, in their order.

        `samples`: of the batch. `received_time`: when all of them happened; None: each at the deadline
        that is its order.
        """
        out = self._stage.out
        place = begin + np.flatnonzero(self._watched[out.rule[begin : self._stage.filled]])
        if place.size:
            place = place[np.lexsort((out.rule[place], out.order[place]))]
            order = out.order[place]
            received = order if received_time is None else np.full_like(order, received_time)
            fed = Fed(out.sample[place], received, order)
            self._judge(out.rule[place], out.source_time[place], out.active[place], samples, fed)

    def recall(self, samples: Samples, received_time: int) -> None:
        """Learn anew which rules are active: after a restore, perhaps of other rules, nobody was told.

        What differs happens at `received_time`, in both times.
        """
        active = self._stage.state.active
        for rows in self._kinds:
            index = rows.index
            bits = np.left_shift(np.int64(1), index.slots.astype(np.int64) - 1)
            of = np.repeat(np.arange(len(active)), np.diff(index.starts))
            rows.state.members[:] = 0
            np.bitwise_or.at(rows.state.members, index.rows, np.where(active[of], bits, 0))
        rules = np.flatnonzero(self._watched).astype(np.int32)
        times = np.full(rules.size, received_time, dtype=np.int64)
        fed = Fed(np.full(rules.size, NO_SAMPLE, dtype=np.int32), times, times)
        self._judge(rules, times, active[rules], samples, fed)

    def _judge(self, rules: Int32, times: Int64, active: Bool, samples: Samples, fed: Fed) -> None:
        truths = truths_as_samples(rules, times, active)
        for rows in self._kinds:
            pairs = int((rows.index.starts[rules + 1] - rows.index.starts[rules]).sum())
            if pairs:
                edges = rows.edges_for(pairs)
                received = int(fed.received[-1])
                count = rows.kind.judge(truths, rows.index, rows.parameters, rows.state, received, edges)
                if count:
                    self._stage.settle_fed(rows, count, samples, fed)
