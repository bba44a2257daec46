"""Slow twin of `voting`, and the rules with which it meets the traffic."""

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, FIRST_BAD, Quality
from tests.detectors.twin import Twin

SETTINGS = {
    "voting": st.fixed_dictionaries(
        {
            "votes": st.sampled_from([1, 2]),
            "others": st.sampled_from([("b",), ("b", "c")]),
            "side": st.sampled_from(["HH", "L"]),
            "setpoint": st.sampled_from([2.0, 5.0]),
            "degrade": st.sampled_from(["safe", "available"]),
            "period_s": st.sampled_from([2.0, 20.0]),
        },
        optional={"deadband": st.sampled_from([0.0, 1.0]), "max_age_s": st.just(9.0)},
    )
}


class Member:
    def __init__(self):
        self.heard = None  # received_time of the newest sample, or of the start
        self.spoke = self.silent = self.bad = self.voted = False

    @property
    def faulty(self):
        return self.silent or self.bad


class Voting(Twin):
    sees_bad = True

    def __init__(self, params):
        super().__init__(params)
        self.members = [Member() for _ in range(1 + len(params.others))]
        self.max_age = round((params.max_age_s or 3 * params.period_s) * SECOND_NS)

    def resume(self, received):
        for member in self.members:
            if not member.silent:
                member.heard = received

    def see_slot(self, slot, time, value, quality, received):
        if quality == Quality.UNCERTAIN_LAST_USABLE_VALUE:
            return None
        self.take(self.members[slot], value, quality, received)
        for member in self.members:
            member.silent = member.silent or received - member.heard > self.max_age
        usable = [member for member in self.members if not member.faulty]
        if not usable:
            return None
        faulty = len(self.members) - len(usable)
        needed = {
            "safe": max(1, self.params.votes - faulty),
            "available": min(self.params.votes, len(usable)),
        }[self.params.degrade]
        votes = sum(member.voted for member in usable)
        figure = votes + sum(member.spoke for member in usable) / 10
        if not self.truth and votes >= needed:
            return self.turn(True, time, figure)
        if self.truth and sum(member.voted for member in self.members) < needed and CLEARS[quality]:
            return self.turn(False, time, figure)
        return None

    def take(self, member, value, quality, received):
        p = self.params
        member.heard, member.spoke, member.silent = received, True, False
        member.bad = quality >= FIRST_BAD
        if quality == Quality.BAD_OUT_OF_SERVICE:
            member.voted = False
        if member.bad:
            return
        high = p.side in ("H", "HH")
        if value >= p.setpoint if high else value <= p.setpoint:
            member.voted = True
        elif (value < p.setpoint - p.deadband if high else value > p.setpoint + p.deadband) and CLEARS[
            quality
        ]:
            member.voted = False


TWINS = {"voting": Voting}
