"""What every slow twin has, and the qualities that twins pass over."""

import math

from detectors.quality import Quality

BAD_FOR_A_LINE = {
    Quality.UNCERTAIN_LAST_USABLE_VALUE,
    Quality.UNCERTAIN_OVER_RANGE,
    Quality.UNCERTAIN_UNDER_RANGE,
    Quality.UNCERTAIN_OVER_RANGE_LOCKED,
}
EXCURSIONS = BAD_FOR_A_LINE - {Quality.UNCERTAIN_LAST_USABLE_VALUE}


class Edge:
    """truth, source_time, figure; `received` of a deadline, None for a sample's edge."""

    def __init__(self, truth, source_time, figure=math.nan, received=None):
        self.truth, self.source_time, self.figure, self.received = truth, source_time, figure, received


class Twin:
    sees_bad = False

    def __init__(self, params):
        self.params = params
        self.truth = False

    def turn(self, truth, source_time, figure=math.nan):
        self.truth = truth
        return Edge(truth, source_time, figure)

    def see(self, time, value, quality, received):
        """One sample -> an Edge or None."""
        raise NotImplementedError

    def see_slot(self, slot, time, value, quality, received):
        """The same of a kind that watches several points: slot 0 is the rule's own."""
        return self.see(time, value, quality, received)

    def learn(self, place, active, time):
        """Of a kind over rules: the rule that it names there is active now, or not -> an Edge or None."""
        raise NotImplementedError

    def pass_time(self, received):
        """-> an Edge or None."""

    def resume(self, received):
        pass
