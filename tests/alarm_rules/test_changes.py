"""Every change of a limit is found, and nothing else is."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.changes import RuleRecord, compare, differences, records_of
from alarm_rules.load import load_site
from tests.alarm_rules.sites import LEVEL, loaded

EXAMPLE = load_site(Path(__file__).parents[2] / "examples" / "tank-farm")
PACK = "packs: [level]\n"


def test_compare_of_a_site_with_itself_is_empty():
    assert compare(EXAMPLE, EXAMPLE) == []


def test_changed_setpoint_is_one_change_with_old_new_reason_and_person(tmp_path):
    override = "override:\n  LT1.H: {when: {setpoint: 9.5, deadband: 0.6}, reason: 沉降, person: 张工}\n"
    old = loaded(tmp_path / "a", [LEVEL], PACK)
    changes = compare(old, loaded(tmp_path / "b", [LEVEL], PACK + override))
    found = {(change.rule, change.field): change for change in changes}
    change = found["E001/LT1.H", "when.setpoint"]
    assert (change.kind, change.old, change.new) == ("changed", 10, 9.5)
    assert (change.reason, change.person) == ("沉降", "张工")
    assert ("E001/LT1.TO_H", "when.setpoint") in found
    assert {rule for rule, _ in found} == {"E001/LT1.H", "E001/LT1.TO_H"}


def test_rule_switched_off_is_a_change_with_its_owner(tmp_path):
    disable = "disable:\n  LT1.H: {reason: 试生产, person: 李工}\n"
    old, new = loaded(tmp_path / "a", [LEVEL], PACK), loaded(tmp_path / "b", [LEVEL], PACK + disable)
    (off,) = compare(old, new)
    assert (off.kind, off.rule, off.reason, off.person) == ("disabled", "E001/LT1.H", "试生产", "李工")
    (on,) = compare(new, old)
    assert on.kind == "enabled"


def test_moving_a_rule_to_another_line_is_no_change(tmp_path):
    rule = "rules:\n  - {id: TOP, point: LT1, when: {detector: limit, side: HH, setpoint: 11.5}}\n"
    assert (
        compare(loaded(tmp_path / "a", [LEVEL], rule), loaded(tmp_path / "b", [LEVEL], "\n# moved\n" + rule))
        == []
    )


def test_key_that_came_with_a_release_is_no_change_of_the_rule():
    rule = next(rule for rule in EXAMPLE.rules if rule.response_en)
    new = records_of(EXAMPLE)[rule.id]
    before = {name: value for name, value in new.facts.items() if not name.endswith("_en")}
    assert differences(rule.id, RuleRecord(in_force=True, facts=before), new) == []
    other = before | {"response": "x", "when.gone": 1.0}
    found = differences(rule.id, RuleRecord(in_force=True, facts=other), new)
    assert [(change.field, change.new) for change in found] == [
        ("response", rule.response),
        ("when.gone", None),
    ]


@settings(max_examples=40, deadline=None)
@given(
    kept=st.sets(st.integers(0, len(EXAMPLE.rules) - 1)),
    other=st.sets(st.integers(0, len(EXAMPLE.rules) - 1)),
)
def test_added_and_removed_rules_are_exactly_the_set_differences(kept, other):
    def only(chosen):
        rules = tuple(rule for i, rule in enumerate(EXAMPLE.rules) if i in chosen)
        return type(EXAMPLE)(enterprises=EXAMPLE.enterprises, points=EXAMPLE.points, rules=rules)

    changes = compare(only(kept), only(other))
    assert {change.rule for change in changes if change.kind == "added"} == {
        EXAMPLE.rules[i].id for i in other - kept
    }
    assert {change.rule for change in changes if change.kind == "removed"} == {
        EXAMPLE.rules[i].id for i in kept - other
    }
    assert all(change.kind in ("added", "removed") for change in changes)
