"""Slow twins of `deviation` and `off_normal`, and the rules with which they meet the traffic."""

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

SETTINGS = {
    "deviation": st.fixed_dictionaries(
        {
            "setpoint": st.sampled_from([4.0, 6.137]),
            "high_by": st.sampled_from([None, 1.5, 3.137]),
            "low_by": st.sampled_from([1.5, 2.137]),
            "deadband": st.sampled_from([0.0, 0.7137]),
        }
    )
    | st.fixed_dictionaries(
        {
            "setpoint_point": st.just("works/setpoint"),
            "max_age_s": st.sampled_from([6.0, 60.0]),
            "high_by": st.sampled_from([1.5, 3.137]),
            "low_by": st.sampled_from([None, 2.137]),
            "deadband": st.sampled_from([0.0, 0.7137]),
        }
    ),
    "off_normal": st.one_of(
        st.fixed_dictionaries({"normal": st.sampled_from([(4.0,), (4.0, 9.5, -3.5)])}),
        st.fixed_dictionaries({"trip": st.sampled_from([(9.5,), (9.5, 4.0)]), "tolerance": st.just(0.5)}),
        st.fixed_dictionaries({"normal": st.just((4.0, 11.0)), "trip": st.just((-3.5, 9.5))}),
    ),
}


class Deviation(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.told = []  # (time, setpoint) of the other point

    def see_slot(self, slot, time, value, quality, received):
        if slot == 0:
            return self.see(time, value, quality, received)
        if quality not in BAD_FOR_A_LINE:
            self.told.append((time, value))
        return None

    def setpoint(self, time):
        p = self.params
        if p.setpoint_point is None:
            return p.setpoint
        if not self.told or time - self.told[-1][0] > p.max_age_s * SECOND_NS:
            return None
        return self.told[-1][1]

    def see(self, time, value, quality, received):
        p = self.params
        setpoint = self.setpoint(time)
        if setpoint is None:
            return None
        deviation = value - setpoint
        too_high = p.high_by is not None and deviation >= p.high_by
        too_low = p.low_by is not None and deviation <= -p.low_by
        back = (p.high_by is None or deviation < p.high_by - p.deadband) and (
            p.low_by is None or deviation > -(p.low_by - p.deadband)
        )
        if not self.truth and (too_high or too_low):
            return self.turn(True, time, deviation)
        if self.truth and back and CLEARS[quality]:
            return self.turn(False, time, deviation)
        return None


class OffNormal(Twin):
    def see(self, time, value, quality, received):
        p = self.params
        normal = any(abs(value - each) <= p.tolerance for each in p.normal)
        trip = any(abs(value - each) <= p.tolerance for each in p.trip)
        begins = trip if p.trip else not normal
        ends = normal if p.normal else not trip
        if not self.truth and begins:
            return self.turn(True, time, value)
        if self.truth and ends and CLEARS[quality]:
            return self.turn(False, time, value)
        return None


TWINS = {"deviation": Deviation, "off_normal": OffNormal}
