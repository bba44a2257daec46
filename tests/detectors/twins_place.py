"""Slow twins of `deviation` and `off_normal`, and the rules with which they meet the traffic."""

from hypothesis import strategies as st

from detectors.quality import CLEARS
from tests.detectors.twin import Twin

SETTINGS = {
    "deviation": st.fixed_dictionaries(
        {
            "setpoint": st.sampled_from([4.0, 6.137]),
            "high_by": st.sampled_from([None, 1.5, 3.137]),
            "low_by": st.sampled_from([1.5, 2.137]),
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
    def see(self, time, value, quality, received):
        p = self.params
        deviation = value - p.setpoint
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
