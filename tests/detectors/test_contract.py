"""What every kind of detector promises, held against every file in `detectors/kinds/`."""

import dataclasses
import importlib
import math
from types import FunctionType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import delays
from detectors.bank import Bank, RuleRow
from detectors.catalogue import kinds
from detectors.columns import make_edges, make_index
from detectors.contract import NEVER, SECOND_NS, DetectorKind, Timer
from detectors.kernel import plain
from detectors.parameters import watched_points, watched_rules
from detectors.quality import FIRST_BAD
from tests.detectors.naive import TWINS
from tests.detectors.naive_bank import NaiveBank
from tests.detectors.traffic import POINTS, SETTINGS, START, columns, params_of, rows, rule_sets, traffic

ALL = sorted(kinds())
each_kind = pytest.mark.parametrize("name", ALL)
modest = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def as_plain(kernel, done=None):
    """The kernel, and every kernel that it calls, as ordinary Python."""
    done = {} if done is None else done
    if kernel in done:
        return done[kernel]
    function = plain(kernel)
    scope = dict(function.__globals__)
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    done[kernel] = twin
    for name in function.__code__.co_names:
        called = scope.get(name)
        if hasattr(called, "py_func"):
            scope[name] = as_plain(called, done)
    return twin


def plain_kind(kind: DetectorKind) -> DetectorKind:
    timer = kind.timer and Timer(
        *(as_plain(f) for f in (kind.timer.advance, kind.timer.deadline, kind.timer.resume))
    )
    return dataclasses.replace(kind, judge=as_plain(kind.judge), timer=timer)


def same(left, right):
    """Equal changes; figures up to rounding, for a twin adds up in another order."""
    return len(left) == len(right) and all(
        a[:4] == b[:4]
        and a[5] == b[5]
        and a[7:] == b[7:]
        and (a[4] == b[4] or (math.isnan(a[4]) and math.isnan(b[4])))
        and (math.isclose(a[6], b[6], rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(a[6]) and math.isnan(b[6])))
        for a, b in zip(left, right, strict=True)
    )


def exactly(changes):
    """Comparable form in which NaN equals NaN."""
    return repr(changes)


def run(bank, batches):
    return [rows(bank.step(columns(batch), received)) for received, batch in batches]


def test_every_kind_has_a_twin_and_traffic():
    assert set(TWINS) == set(ALL) == set(SETTINGS)


@each_kind
def test_kind_describes_each_of_its_parameters(name):
    for field in dataclasses.fields(kinds()[name].params):
        assert field.metadata.get("doc", "").endswith("."), f"{name}.{field.name} needs a sentence"
        assert "unit" in field.metadata, f"{name}.{field.name} needs a unit"
        assert field.metadata.get("from_point", "period_s") in {
            "period_s",
            "range_low",
            "range_high",
            "engineering_unit",
        }


@each_kind
def test_kind_is_documented_with_example_and_source(name):
    text = importlib.import_module(f"detectors.kinds.{name}").__doc__
    for part in ("Finds:", "Choose", "Quality:", "Example:", "Source:"):
        assert part in text, f"{name}: the docstring has no {part!r}"


@each_kind
def test_parameters_are_frozen_and_refuse_unknown_keys(name):
    params = kinds()[name].params
    assert params.__dataclass_params__.frozen
    with pytest.raises(TypeError):
        params(no_such_key=1)


def test_columns_of_no_two_kinds_can_be_taken_for_each_other():
    """numba tells tuples apart by class name and fields; equal ones make every call 30 times slower."""
    seen = {}
    for name, kind in kinds().items():
        for columns_of in (type(kind.make_parameters([])), type(kind.make_state(0))):
            key = (columns_of.__name__, columns_of._fields)
            assert seen.setdefault(key, columns_of) is columns_of, f"{name}: rename {key[0]}"


@each_kind
def test_columns_have_one_element_a_row(name):
    kind = kinds()[name]
    state = kind.make_state(7)
    assert all(column.shape == (7,) for column in state)
    assert sum(column.itemsize for column in state) < 200


@each_kind
@modest
@given(data=st.data())
def test_bank_agrees_with_the_naive_twin(name, data):
    rules = data.draw(rule_sets([name]))
    batches = data.draw(traffic())
    bank, naive = Bank(rules, POINTS), NaiveBank(rules)
    for received, batch in batches:
        got, want = rows(bank.step(columns(batch), received)), naive.step(batch, received)
        assert same(got, want), f"\n{got}\n{want}"


@modest
@given(data=st.data())
def test_bank_of_all_kinds_agrees_with_the_naive_twin(data):
    rules = data.draw(rule_sets(ALL, most=10))
    batches = data.draw(traffic())
    bank, naive = Bank(rules, POINTS), NaiveBank(rules)
    for received, batch in batches:
        got, want = rows(bank.step(columns(batch), received)), naive.step(batch, received)
        assert same(got, want), f"\n{got}\n{want}"


@each_kind
@modest
@given(data=st.data())
def test_kernel_agrees_with_plain_python(name, data):
    kind = kinds()[name]
    params = data.draw(st.lists(params_of(name), min_size=1, max_size=4))
    batches = data.draw(traffic(most=120))
    slots = [
        range(1, 1 + len(watched_rules(p))) if kind.over_rules else range(1 + len(watched_points(p)))
        for p in params
    ]
    watched = [(draw_points(data), row) for row in range(len(params))]
    index = make_index(
        [(points[slot % POINTS], row, slot) for points, row in watched for slot in slots[row]], POINTS
    )
    outcomes = [edges_of(each, params, index, batches) for each in (kind, plain_kind(kind))]
    assert exactly(outcomes[0]) == exactly(outcomes[1])


def draw_points(data):
    return data.draw(st.permutations(range(POINTS)))


def edges_of(kind, params, index, batches):
    """All edges and the final state of one kind alone, without the stage of delays."""
    parameters, state, seen = kind.make_parameters(params), kind.make_state(len(params)), []
    room = make_edges(1000)

    def note(count):
        seen.extend(tuple(column[i].item() for column in room) for i in range(count))

    with np.errstate(all="ignore"):
        if kind.timer:
            kind.timer.resume(parameters, state, START)
        for received, batch in batches:
            usable = [each for each in batch if kind.sees_bad or each[3] < FIRST_BAD]
            if kind.over_rules:
                usable = [(rule, time, float(value > 4), 0) for rule, time, value, _ in usable]
            if kind.timer:
                note(kind.timer.advance(parameters, state, received, room))
                seen.append(int(kind.timer.deadline(parameters, state)))
            note(kind.judge(columns(usable), index, parameters, state, received, room))
    return seen, [column.tolist() for column in state]


@modest
@given(data=st.data())
def test_splitting_a_batch_changes_nothing(data):
    rules = data.draw(rule_sets(ALL))
    batches = data.draw(traffic())
    whole, split = Bank(rules, POINTS), Bank(rules, POINTS)
    for received, batch in batches:
        cut = data.draw(st.integers(0, len(batch)))
        first = rows(split.step(columns(batch[:cut]), received))
        rest = rows(split.step(columns(batch[cut:]), received))
        moved = [(*each[:8], each[8] + cut if each[8] >= 0 else -1) for each in rest]
        assert exactly(rows(whole.step(columns(batch), received))) == exactly(first + moved)
    assert whole.snapshot() == split.snapshot()


@modest
@given(data=st.data())
def test_asking_for_deadlines_and_looking_more_often_changes_nothing(data):
    rules = data.draw(rule_sets(ALL))
    batches = data.draw(traffic())
    calm, busy = Bank(rules, POINTS), Bank(rules, POINTS)
    for received, batch in batches:
        want = rows(calm.step(columns(batch), received))
        got = []
        while busy._time >= 0 and (due := busy.next_deadline()) < received:
            got += rows(busy.advance(max(due, busy._time)))
            if busy.next_deadline() == due:
                pytest.fail(f"a step at deadline {due} left it standing")
        got += rows(busy.step(columns(batch), received))
        assert exactly(got) == exactly(want)


@modest
@given(data=st.data())
def test_rules_do_not_see_each_other(data):
    """But for those that a rule over rules watches."""
    rules = data.draw(rule_sets(ALL))
    batches = data.draw(traffic())
    together = [each for batch in run(Bank(rules, POINTS), batches) for each in batch]
    for row, rule in enumerate(rules):
        company = [dataclasses.replace(rule, watched=tuple(range(1, 1 + len(rule.watched))))]
        company += [rules[other] for other in rule.watched]
        alone = [each for batch in run(Bank(company, POINTS), batches) for each in batch]
        assert exactly([each[1:] for each in together if each[0] == row]) == exactly(
            [each[1:] for each in alone if each[0] == 0]
        )


@modest
@given(data=st.data())
def test_snapshot_at_any_moment_goes_on_exactly(data):
    rules = data.draw(rule_sets(ALL))
    batches = data.draw(traffic())
    cut = data.draw(st.integers(0, len(batches)))
    bank = Bank(rules, POINTS)
    run(bank, batches[:cut])
    blob = bank.snapshot()
    later = Bank(rules, POINTS)
    assert later.restore(blob) == []
    assert later.snapshot() == blob
    assert exactly(run(later, batches[cut:])) == exactly(run(bank, batches[cut:]))
    assert later.snapshot() == bank.snapshot()


@modest
@given(data=st.data())
def test_episodes_alternate_and_keep_their_onset(data):
    """Within the episode of a latched rule, "the latch alone holds it" and "true again" alternate too."""
    rules = data.draw(rule_sets(ALL))
    onsets, held = {}, set()
    for batch in played(Bank(rules, POINTS), data.draw(traffic()), data.draw(resets())):
        for rule, active, onset, *_, cause, _sample in batch[0]:
            assert onsets.get(rule, onset) == onset
            if not active:
                del onsets[rule]
                assert (rule in held) == (cause == "reset") == rules[rule].latched
                held.discard(rule)
            elif cause == "latched":
                assert rules[rule].latched
                assert rule in onsets
                assert rule not in held
                held.add(rule)
            else:
                assert (rule in onsets) == (rule in held)
                onsets[rule] = onset
                held.discard(rule)


def resets():
    """Before which batches of a run somebody resets every rule."""
    return st.sets(st.integers(0, 100), max_size=12)


def played(bank, batches, before):
    """(changes, refused rows) of each batch and of each reset before one; any bank."""
    every = list(range(len(bank.rules) if isinstance(bank, NaiveBank) else bank._rules))
    out = []
    for i, (received, batch) in enumerate(batches):
        if i in before:
            changes, refused = bank.reset(every, received)
            out.append((changes if isinstance(changes, list) else rows(changes), [int(r) for r in refused]))
        naive = isinstance(bank, NaiveBank)
        out.append((bank.step(batch, received) if naive else rows(bank.step(columns(batch), received)), []))
    return out


@modest
@given(data=st.data())
def test_latches_and_resets_agree_with_the_naive_twin(data):
    rules = [dataclasses.replace(rule, latched=True) for rule in data.draw(rule_sets(["limit", "stale"]))]
    batches, before = data.draw(traffic()), data.draw(resets())
    got, want = (played(each, batches, before) for each in (Bank(rules, POINTS), NaiveBank(rules)))
    for (changes, refused), (naive_changes, naive_refused) in zip(got, want, strict=True):
        assert same(changes, naive_changes), f"\n{changes}\n{naive_changes}"
        assert refused == naive_refused


@modest
@given(data=st.data())
def test_snapshots_between_resets_go_on_exactly(data):
    rules = data.draw(rule_sets(ALL))
    batches, before = data.draw(traffic()), data.draw(resets())
    cut = data.draw(st.integers(0, len(batches)))
    whole, first, later = (Bank(rules, POINTS) for _ in range(3))
    want = played(whole, batches, before)
    got = played(first, batches[:cut], before)
    assert later.restore(first.snapshot()) == []
    got += played(later, batches[cut:], {i - cut for i in before})
    assert exactly(got) == exactly(want)
    assert later.snapshot() == whole.snapshot()


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_delays_and_latches_agree_with_plain_python(data):
    rules = data.draw(rule_sets(ALL))
    batches, before = data.draw(traffic(120)), data.draw(resets())
    want = played(Bank(rules, POINTS), batches, before)
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        done = {}
        for name in ("settle", "fire", "earliest_pending", "reset"):
            patch.setattr(delays, name, as_plain(getattr(delays, name), done))
        assert exactly(played(Bank(rules, POINTS), batches, before)) == exactly(want)


@each_kind
def test_first_sample_and_a_gap_of_a_year_are_harmless(name):
    kind = kinds()[name]
    params = kind.params(**MINIMAL[name])
    members = tuple(range(1, 1 + len(watched_points(params))))
    rules = [RuleRow("works/a", 0, name, params, members=members)]
    if kind.over_rules:
        rules = [
            dataclasses.replace(rules[0], watched=(1,)),
            RuleRow("works/b", 0, "limit", kinds()["limit"].params(**MINIMAL["limit"])),
        ]
    bank = Bank(rules, 1 + len(members))
    year = 365 * 86400 * SECOND_NS
    for i in range(4):
        bank.step(columns([(0, START + i * year, 4.0, 0)]), START + i * year)
    assert len(bank.active_rules().rule) <= 1
    assert START < bank.next_deadline() <= NEVER


MINIMAL = {
    "limit": {"side": "H", "setpoint": 5.0},
    "rate_of_change": {"direction": "either", "rate": 1.0},
    "time_to_limit": {"side": "H", "setpoint": 5.0},
    "flatline": {},
    "stale": {},
    "instrument_signal": {"states": ("failure",)},
    "leak_trend": {"rise": 1.0},
    "noise_loss": {"noise": 0.1},
    "stuck": {"noise": 0.1, "resolution": 0.01},
    "deviation": {"setpoint": 5.0, "high_by": 1.0},
    "off_normal": {"normal": (0.0,)},
    "combination": {"rules": ("works/b",)},
    "discrepancy": {"others": ("works/b",)},
    "mass_balance": {"inflows": ("works/b",), "area_m2": 1.0, "tolerance_m3": 1.0},
    "voting": {"votes": 2, "others": ("works/b",), "side": "H", "setpoint": 5.0},
    "cusum": {},
    "drift": {"drift": 1.0},
}
