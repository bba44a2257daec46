"""Slow twin of `combination`, and the rules with which it meets the traffic."""

from hypothesis import strategies as st

from tests.detectors.twin import Twin

SETTINGS = {
    "combination": st.one_of(
        st.fixed_dictionaries(
            {
                "rules": st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]),
                "need": st.sampled_from(["any", "all"]),
            }
        ),
        st.fixed_dictionaries(
            {"rules": st.just(("a", "b", "c")), "need": st.just("at_least"), "at_least": st.just(2)}
        ),
    )
}


class Combination(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.active = [False] * len(params.rules)

    def learn(self, place, active, time):
        p = self.params
        self.active[place] = active
        number = sum(self.active)
        truth = {
            "any": any(self.active),
            "all": all(self.active),
            "at_least": number >= p.at_least,
        }[p.need]
        return self.turn(truth, time, float(number)) if truth != self.truth else None


TWINS = {"combination": Combination}
