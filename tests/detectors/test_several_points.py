"""What the kinds that watch several points or other rules promise, told in seconds."""

import math
import re
from random import Random

import numpy as np
import pytest

from detectors.bank import Bank, RuleRow
from detectors.catalogue import kind
from detectors.contract import SECOND_NS
from detectors.quality import Quality
from tests.detectors.timeline import states, told
from tests.detectors.traffic import START, columns

BAD, GOOD = Quality.BAD_SENSOR_FAILURE, Quality.GOOD
OUT_OF_SERVICE = Quality.BAD_OUT_OF_SERVICE


class Group:
    """One rule over points 0 (its own), 1, 2, ...; further rules after it."""

    def __init__(self, name, settings, members, others=(), **delays):
        self.params = kind(name).params(**settings)
        rule = RuleRow("works/rule", 0, name, self.params, members=members, **delays)
        self.bank = Bank([rule, *others], 1 + max([0, *members, *(other.point for other in others)]))
        self.bank.resume(START)

    def at(self, second, *samples, received=None):
        """(point, value) or (point, value, quality) measured then; what changed of the rule."""
        batch = [
            (each[0], START + round(second * SECOND_NS), float(each[1]), int(each[2]) if each[2:] else 0)
            for each in samples
        ]
        moment = START + round((second if received is None else received) * SECOND_NS)
        changes = self.bank.step(columns(batch), moment)
        return told(type(changes)(*(column[changes.rule == 0] for column in changes)))


def votes(members, **settings):
    settings = {"votes": 2, "side": "H", "setpoint": 50.0, "deadband": 10.0, "max_age_s": 30.0} | settings
    return Group("voting", settings | {"others": tuple(map(str, members))}, tuple(members))


# ---- voting


@pytest.mark.parametrize(
    ("members", "needed", "degrade", "faulty", "alarms_at"),
    [
        (3, 2, "safe", 0, 2),
        (3, 2, "safe", 1, 1),
        (3, 2, "safe", 2, 1),
        (3, 2, "available", 1, 2),
        (3, 2, "available", 2, 1),
        (2, 1, "safe", 1, 1),
        (2, 2, "safe", 1, 1),
        (2, 2, "available", 1, 1),
        (4, 2, "safe", 1, 1),
        (4, 2, "safe", 2, 1),
        (4, 2, "available", 1, 2),
        (4, 2, "available", 2, 2),
        (8, 3, "safe", 1, 2),
    ],
)
@pytest.mark.parametrize("fault", ["bad", "silent", "out of service"])
def test_vote_degrades_as_the_table_says(members, needed, degrade, faulty, alarms_at, fault):
    group = votes(range(1, members), votes=needed, degrade=degrade)
    group.at(0, *((point, 0) for point in range(members)))
    dead = range(members - faulty, members)
    if fault != "silent":
        group.at(1, *((point, 0, BAD if fault == "bad" else OUT_OF_SERVICE) for point in dead))
    for second in (20, 40):
        assert group.at(second, *((point, 0) for point in range(members - faulty))) == []
    for vote in range(1, members - faulty + 1):
        changes = group.at(40 + vote, (vote - 1, 60))
        assert bool(changes) == (vote == alarms_at)
        if changes:
            assert changes[0].figure == pytest.approx(vote + (members - faulty) / 10)


def test_vote_without_a_usable_member_keeps_its_truth():
    group = votes([1, 2])
    assert states(group.at(0, (0, 60), (1, 60), (2, 0))) == [(True, 0)]
    for second in range(10, 200, 10):
        assert group.at(second, (0, 0, BAD), (1, 0, BAD), (2, 0, BAD)) == []
    assert len(group.bank.active_rules().rule) == 1
    calm = votes([1, 2])
    calm.at(0, (0, 0), (1, 0), (2, 0))
    assert calm.at(10, (0, 60, BAD), (1, 60, BAD), (2, 60, BAD)) == []


def test_member_that_fails_while_it_votes_ends_nothing():
    group = votes([1, 2], degrade="available")
    group.at(0, (0, 60), (1, 60), (2, 0))
    assert group.at(10, (1, 0, BAD)) == []
    assert group.at(20, (0, 60), (2, 0)) == []
    assert states(group.at(30, (1, 0))) == [(False, 30)]


def test_members_that_have_not_spoken_since_the_start_are_waited_for():
    group = votes([1, 2])
    assert group.at(0, (0, 60)) == []
    assert group.at(29, (0, 60)) == []
    assert states(group.at(31, (0, 60))) == [(True, 31)]


def test_silence_that_the_gateway_slept_through_is_not_held_against_a_member():
    group = votes([1, 2])
    group.at(0, (0, 0), (1, 0), (2, 0))
    group.bank.resume(START + 3600 * SECOND_NS)
    assert group.at(3600, (0, 60)) == []
    assert states(group.at(3601, (1, 60))) == [(True, 3601)]


def test_pegged_member_votes_and_does_not_take_its_vote_back():
    group = votes([1, 2])
    group.at(0, (0, 0), (1, 0), (2, 60))
    assert states(group.at(10, (0, 105, Quality.UNCERTAIN_OVER_RANGE))) == [(True, 10)]
    assert group.at(20, (0, 3, Quality.UNCERTAIN_OVER_RANGE_LOCKED)) == []


# ---- discrepancy


def gauges(members, **settings):
    settings = {"tolerance": 0.1, "max_age_s": 30.0} | settings
    return Group("discrepancy", settings | {"others": tuple(map(str, members))}, tuple(members))


def test_two_gauges_that_differ_are_told_with_their_distance():
    group = gauges([1])
    group.at(0, (0, 5.0), (1, 5.05))
    (change,) = group.at(10, (0, 5.0), (1, 5.12))
    assert (change.active, change.at) == (True, 10)
    assert change.figure == pytest.approx(0.12, abs=1e-5) or change.figure == pytest.approx(-0.12, abs=1e-5)
    assert group.at(20, (0, 5.0), (1, 5.09)) == []
    assert states(group.at(30, (0, 5.0), (1, 5.07))) == [(False, 30)]


def test_liar_of_three_is_held_against_the_two_that_agree():
    group = gauges([1, 2])
    group.at(0, (0, 5.0), (1, 5.0), (2, 5.0))
    (change,) = group.at(10, (0, 6.0), (1, 6.0), (2, 5.0))
    assert change.figure == pytest.approx(-1.0, abs=1e-5)


@pytest.mark.parametrize("rate", [0.01, 0.1, 3.0])
@pytest.mark.parametrize("periods", [(10, 10), (10, 10, 10), (1, 7, 27), (2, 2, 2, 25)])
def test_moving_process_with_staggered_stamps_is_no_discrepancy(rate, periods):
    """Ramps of 30 tolerances a second, a step, and members of different periods and phases."""
    group = gauges(range(1, len(periods)))
    due = [(3.7 * point % period, point) for point, period in enumerate(periods)]
    for _ in range(400):
        due.sort()
        second, point = due[0]
        assert group.at(second, (point, second * rate + (20 if second > 220 else 0))) == []
        due[0] = (second + periods[point], point)


def test_turn_between_two_stamps_is_over_within_two_periods():
    """Nobody saw the bottom but the member that reported there."""
    sharp, delayed = gauges([1]), gauges([1])
    delayed.bank = Bank([RuleRow("r", 0, "discrepancy", sharp.params, 20.0, members=(1,))], 2)
    for step in range(100):
        for point, second in ((0, 10 * step), (1, 10 * step + 3.7)):
            told = sharp.at(second, (point, 0.1 * abs(second - 300)))
            assert (states(told) == []) or 300 <= told[0].at <= 320
            assert delayed.at(second, (point, 0.1 * abs(second - 300))) == []


def test_gauge_that_hangs_while_the_others_move_is_seen_at_the_tolerance():
    group = gauges([1])
    for second in range(0, 200, 10):
        change = group.at(second, (0, 0.01 * second)) + group.at(second + 3, (1, 0.0))
        if change:
            break
    assert 10 <= second <= 40


def test_old_value_is_not_compared_with_a_fresh_one():
    group = gauges([1])
    group.at(0, (0, 5.0), (1, 5.0))
    for second in range(10, 100, 10):
        changes = group.at(second, (0, 5.0 + (1.0 if second > 30 else 0.0)))
        assert changes == []
    assert states(group.at(100, (0, 6.0), (1, 5.0))) == [(True, 100)]


def test_failure_of_the_liar_is_no_agreement():
    group = gauges([1, 2])
    assert states(group.at(0, (0, 5.0), (1, 5.0), (2, 7.0))) == [(True, 0)]
    assert group.at(10, (0, 5.0), (1, 5.0), (2, 7.0, BAD)) == []
    assert group.at(20, (0, 5.0), (1, 5.0)) == []
    assert states(group.at(30, (0, 5.0), (1, 5.0), (2, 5.0))) == [(False, 30)]


# ---- mass balance

AREA = math.pi * 5.0**2


def tank(**settings):
    settings = {"inflows": ("f",), "area_m2": AREA, "tolerance_m3": 10.0} | settings
    members = len(settings["inflows"]) + len(settings.get("outflows", ()))
    return Group("mass_balance", settings, tuple(range(1, 1 + members)))


def run(group, seconds, level, flows, noise=0.02, seed=1, period=10.0):
    """Changes while the level and the flows, functions of the time, are sampled with noise and jitter."""
    random, found = Random(seed), []
    for step in range(int(seconds / period)):
        for point, of in enumerate((level, *flows)):
            second = step * period + random.uniform(0, period)
            shown = of(second) + (random.gauss(0, noise) if point == 0 else random.gauss(0, 2.0))
            found += group.at(second, (point, shown), received=(step + 1) * period)
    return found


def inflow(second):
    return 400.0 if second >= 600 else 0.0


def filled(second):
    return 2.0 + max(0.0, second - 600) * 400.0 / 3600 / AREA


@pytest.mark.parametrize("seed", range(5))
def test_hung_gauge_is_announced_long_before_the_tank_is_full(seed):
    """400 m3/h into 10 m of diameter: HH 20 minutes after the pump starts. Told within 5, 42 cm of level."""
    found = run(tank(), 1800, lambda second: 2.0, [inflow], seed=seed)
    assert [change.active for change in found] == [True]
    assert found[0].at - 600 < 300
    assert found[0].figure < -10


@pytest.mark.parametrize("seed", range(5))
def test_filling_with_noise_jitter_and_a_meter_that_is_one_percent_wrong_is_quiet(seed):
    assert run(tank(), 7200, filled, [lambda s: 1.01 * inflow(s)], seed=seed) == []


def test_leak_is_told_and_ends_when_the_hole_is_shut():
    def leaking(second):
        return 8.0 - min(max(0.0, second - 1800), 3600) * 20.0 / 3600 / AREA

    found = run(tank(window_s=1800.0, tolerance_m3=4.0), 18000, leaking, [lambda s: 0.0, lambda s: 0.0][:1])
    assert [change.active for change in found] == [True, False]
    assert found[0].figure < 0
    assert 600 < found[0].at - 1800 < 2400
    assert found[1].at > 5400


def test_transfer_that_the_flows_explain_either_way_is_quiet():
    def level(second):
        return 5.0 + second * (300.0 - 200.0) / 3600 / AREA

    flows = [lambda s: 300.0, lambda s: 200.0]
    assert run(tank(outflows=("g",)), 3600, level, flows) == []


def test_zero_offset_of_a_meter_is_no_flow():
    settings = {"tolerance_m3": 5.0, "smooth_s": 120.0}
    assert run(tank(**settings), 36000, lambda s: 5.0, [lambda s: 12.0])[0].active
    assert run(tank(**settings, zero_cutoff_m3h=20.0), 36000, lambda s: 5.0, [lambda s: 12.0]) == []


def test_gap_begins_the_balance_anew_and_ends_nothing():
    group = tank(max_age_s=60.0)
    for second in range(0, 300, 10):
        group.at(second, (1, 400.0), (0, 2.0))
    assert len(group.bank.active_rules().rule) == 1
    group.at(300, (1, 0.0, BAD))
    for second in range(310, 3900, 10):
        assert group.at(second, (1, 0.0), (0, 2.0)) == []
    assert states(group.at(3910, (1, 0.0), (0, 2.0))) == [(False, 3910)]
    quiet = tank(max_age_s=60.0)
    quiet.at(0, (1, 400.0), (0, 2.0))
    assert quiet.at(3600, (1, 400.0), (0, 2.0)) == []


def test_balance_of_a_sphere_goes_by_its_table():
    heights = tuple(float(h) for h in range(0, 13))
    volumes = tuple(math.pi * h * h * (18 - h) / 3 for h in heights)
    settings = {"area_m2": None, "table_levels": heights, "table_volumes_m3": volumes, "level_unit": "m"}

    def height(second):
        return float(np.interp(100 + 60 * second / 3600, volumes, heights))

    assert run(tank(**settings, tolerance_m3=8.0), 7200, height, [lambda s: 60.0], noise=0.005) == []
    assert run(tank(**settings, tolerance_m3=8.0), 7200, height, [lambda s: 0.0], noise=0.005)[0].active


# ---- silence and off-delays


def test_off_delay_does_not_pass_because_one_of_the_members_fell_silent():
    group = Group("discrepancy", {"tolerance": 1.0, "others": ("b",)}, (1,), off_delay_s=20.0)
    group.at(0, (0, 5.0), (1, 9.0))
    group.at(10, (0, 5.0), (1, 5.0))
    for second in range(12, 100, 2):
        assert group.at(second, (0, 5.0)) == []
    (ended,) = group.at(100, (0, 5.0), (1, 5.0)) + group.at(130, (0, 5.0), (1, 5.0))
    assert (ended.active, ended.at) == (False, 30)


def test_member_that_was_silent_long_before_does_not_hold_an_end_back():
    settings = {"tolerance": 1.0, "others": ("b", "c")}
    group = Group("discrepancy", settings, (1, 2), off_delay_s=20.0)
    group.at(0, (0, 5.0), (1, 5.0), (2, 5.0))
    group.at(100, (0, 5.0), (1, 9.0))
    group.at(110, (0, 5.0), (1, 5.0))
    group.at(125, (0, 5.0), (1, 5.0))
    assert states(group.at(131, (0, 5.0), (1, 5.0))) == [(False, 130)]


def test_vote_may_end_while_a_faulty_member_is_silent_but_not_when_all_are():
    settings = {"votes": 2, "others": ("b", "c"), "side": "H", "setpoint": 50.0, "max_age_s": 30.0}
    ends, hangs = (Group("voting", settings, (1, 2), off_delay_s=60.0) for _ in range(2))
    for group in (ends, hangs):
        group.at(0, (0, 60), (1, 60), (2, 0))
        group.at(10, (0, 0), (1, 0), (2, 0))
    told = [change for second in range(20, 100, 10) for change in ends.at(second, (0, 0), (1, 0))]
    assert states(told) == [(False, 70)]
    assert [change for second in range(20, 1000, 10) for change in hangs.at(second)] == []


# ---- combination


def limits(*points, **delays):
    settings = {"side": "H", "setpoint": 50.0}
    return [RuleRow(f"works/{p}", p, "limit", kind("limit").params(**settings), **delays) for p in points]


def combined(need, others, at_least=2, **delays):
    names = tuple(other.rule for other in others)
    params = kind("combination").params(rules=names, need=need, at_least=at_least)
    watched = tuple(range(1, 1 + len(others)))
    group = Group("combination", {"rules": names}, (), others, **delays)
    rule = RuleRow("works/rule", 0, "combination", params, watched=watched, **delays)
    group.bank = Bank([rule, *others], 1 + max(other.point for other in others))
    group.bank.resume(START)
    return group


@pytest.mark.parametrize(("need", "begins"), [("any", 1), ("at_least", 2), ("all", 3)])
def test_combination_begins_with_so_many_rules_and_says_how_many(need, begins):
    group = combined(need, limits(1, 2, 3))
    for active in (1, 2, 3):
        changes = group.at(active, (active, 60))
        assert bool(changes) == (active == begins)
        if changes:
            assert (changes[0].figure, changes[0].cause) == (active, "sample")
    (ended,) = [change for point in (3, 2, 1) for change in group.at(10 - point, (point, 0))]
    assert ended.figure == begins - 1


def test_combination_counts_rules_after_their_delays_and_adds_its_own():
    group = combined("all", limits(1, 2, on_delay_s=10.0), on_delay_s=5.0)
    group.at(0, (1, 60))
    group.at(2, (2, 60))
    (began,) = group.at(100, (1, 60))
    assert (began.onset, began.at, began.cause) == (12, 17, "timer")


def test_combination_that_is_over_before_its_delay_never_was():
    """Looked at late: the member ended at 7, so what pended until 8 does not come."""
    group = combined("any", limits(1, off_delay_s=2.0), on_delay_s=8.0)
    group.at(0, (1, 60))
    group.at(5, (1, 0))
    group.at(6.5, (1, 0))
    assert group.at(60) == []


def test_latched_rule_counts_until_it_is_reset_and_the_combination_follows():
    group = combined("any", limits(1, latched=True))
    assert states(group.at(0, (1, 60))) == [(True, 0)]
    assert group.at(5, (1, 0)) == []
    changes, refused = group.bank.reset([1], START + 10 * SECOND_NS)
    assert list(refused) == []
    assert sorted(zip(changes.rule.tolist(), changes.active.tolist(), strict=True)) == [
        (0, False),
        (1, False),
    ]


def test_latched_combination_is_reset_together_with_the_rule_that_held_it():
    group = combined("any", limits(1, latched=True), latched=True)
    group.at(0, (1, 60))
    group.at(5, (1, 0))
    changes, refused = group.bank.reset([0, 1], START + 10 * SECOND_NS)
    assert list(refused) == []
    assert [bool(active) for active in changes.active[changes.rule == 0]] == [True, False]


def test_episode_that_a_latch_held_through_a_loss_of_state_counts():
    group = combined("any", limits(1, latched=True))
    group.bank.hold(np.array([1], np.int32), np.array([START - 5 * SECOND_NS]))
    assert [change.active for change in group.at(1, (1, 0))] == [True]


def test_off_delay_of_a_combination_waits_for_the_points_of_its_rules():
    group = combined("any", limits(1), off_delay_s=20.0)
    group.at(0, (0, 0), (1, 60))
    group.at(10, (1, 0))
    for second in range(12, 100, 2):
        assert group.at(second, (0, 0)) == []
    assert group.at(100, (1, 0)) == []
    assert states(group.at(111, (1, 0))) == [(False, 30)]


def test_rules_that_cannot_watch_what_they_say_are_refused():
    params = kind("voting").params(votes=1, others=("b",), side="H", setpoint=1.0)
    with pytest.raises(ValueError, match="each once"):
        Bank([RuleRow("a", 0, "voting", params, members=(0,))], 1)
    with pytest.raises(ValueError, match=r"point row 7 is not in 0\.\.0"):
        Bank([RuleRow("a", 0, "voting", params, members=(7,))], 1)
    over = kind("combination").params(rules=("x",))
    rules = [RuleRow("a", 0, "combination", over, watched=(1,))]
    with pytest.raises(ValueError, match="watches points itself"):
        Bank([*rules, RuleRow("b", 0, "combination", over, watched=(0,))], 1)


VOTE = {"votes": 1, "others": ("b",), "side": "H", "setpoint": 1.0}
BALANCE = {"inflows": ("b",), "area_m2": 1.0, "tolerance_m3": 1.0}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("voting", VOTE | {"votes": 3}, "votes=3 with 2 members: ask for fewer"),
        ("voting", VOTE | {"votes": 0}, "votes=0 must be a whole number of at least 1"),
        ("voting", VOTE | {"others": ()}, "others names 0: name 1 to 7"),
        ("voting", VOTE | {"others": tuple("bcdefghi")}, "others names 8: name 1 to 7"),
        ("voting", VOTE | {"others": ("b", "b")}, "names one twice"),
        ("voting", VOTE | {"others": "b"}, "others='b' must be a list of names"),
        ("voting", VOTE | {"degrade": "best"}, "degrade='best' is not known: use one of safe, available"),
        ("voting", VOTE | {"max_age_s": 0.0}, "max_age_s=0.0 must be above 0"),
        ("discrepancy", {"others": ("b",), "tolerance": 0.0}, "tolerance=0.0 must be above 0"),
        ("discrepancy", {"others": ("b",), "deadband": 1.0}, "deadband=1.0 must be a fraction"),
        ("mass_balance", BALANCE | {"inflows": ()}, "inflows and outflows names 0: name 1 to 7"),
        ("mass_balance", BALANCE | {"outflows": ("b",)}, "names one twice"),
        ("mass_balance", BALANCE | {"area_m2": None}, "area_m2 and table_levels: give one of them"),
        ("mass_balance", BALANCE | {"level_unit": "%"}, "area_m2 with a level in %: give table_levels"),
        ("mass_balance", BALANCE | {"flow_units": ("t/h",)}, "a flow in t/h without a density"),
        (
            "mass_balance",
            BALANCE | {"area_m2": None, "table_levels": (0.0, 1.0), "table_volumes_m3": (1.0, 0.0)},
            "table_volumes_m3=(1.0, 0.0) does not rise",
        ),
        ("combination", {"rules": ("a",), "need": "at_least"}, "at_least=2 with 1 rules: ask for fewer"),
        ("combination", {"rules": ()}, "rules names 0: name 1 to 60"),
        ("combination", {"rules": ("a",), "need": "most"}, "need='most' is not known"),
    ],
)
def test_what_cannot_be_watched_is_refused_by_name(name, settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        kind(name).params(**settings)
