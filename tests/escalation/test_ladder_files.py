"""Ladders as a site writes them, and as they are found for an alarm."""

from pathlib import Path
from typing import get_args

import pytest

from alarm_rules.ladder_keys import ROLES
from alarm_rules.ladders import default_ladders, fits_name, largest_gap_s
from alarm_rules.load import load_site
from alarm_rules.model import LadderMatch, Priority
from api.auth.principal import Role
from api.bilingual import both
from api.escalation.ladder_book import LadderBook, Subject
from tests.alarm_rules.sites import LEVEL, write_site
from tests.escalation.timeline import ladder, step

ROOT = Path(__file__).parents[2]
NIGHT = """\
ladders:
  - id: tanks
    name: 储罐
    for: {unit: U1, priority: [HIGH, CRITICAL]}
    returned_factor: 2
    steps:
      - {after_s: 60, to: [rota:night, chief], channels: sms, call_up: true}
      - {after_s: 0, to: zhang, repeat: {every_s: 20, times: 2}}
      - {acked_after_s: 300, to: role:enterprise_supervisor}
call_up: {calls: 2, within_s: 120, listen_s: 15, ring_s: 50}
"""


def subject(**more) -> Subject:
    fields = {
        "rule": "E001/LT1.HH",
        "point": "E001/LT1",
        "priority": Priority.HIGH,
        "alarm_class": "process",
        "enterprise": "E001",
        "installation": "H01",
        "unit": "U1",
    }
    return Subject(**(fields | more))


def night_site(folder: Path):
    write_site(folder, [LEVEL], "packs: [level]\n")
    (folder / "ladders.yaml").write_text(NIGHT, "utf-8")
    return load_site(folder)


def test_a_site_has_its_own_ladders_before_the_packaged_ones(tmp_path):
    site = night_site(tmp_path)
    assert [one.id for one in site.ladders] == ["tanks", *(one.id for one in default_ladders()[0])]
    first = site.ladders[0]
    assert [(step.after_s, step.to, step.channels, step.call_up) for step in first.steps] == [
        (0, ("zhang",), (), False),
        (60, ("rota:night", "chief"), ("sms",), True),
    ]
    assert (first.steps[0].repeat_every_s, first.steps[0].repeat_times) == (20, 2)
    assert first.acked_steps[0].after_s == 300
    assert first.top == default_ladders()[0][-1].top
    assert first.origin.endswith("ladders.yaml:2")
    assert (site.call_up.calls, site.call_up.within_s) == (2, 120)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, "tanks"),
        ({"priority": Priority.LOW}, "default"),
        ({"unit": "U2"}, "high"),
        ({"unit": "U2", "priority": Priority.CRITICAL}, "critical"),
        ({"unit": "U2", "alarm_class": "system"}, "system"),
        ({"unit": "U2", "priority": Priority.LOW, "alarm_class": "instrument"}, "default"),
        ({"unit": "U2", "alarm_class": "advisory"}, None),
    ],
)
def test_the_first_ladder_that_fits_is_taken(more, found, tmp_path):
    taken = LadderBook(night_site(tmp_path).ladders).ladder_for(subject(**more))
    assert (taken.id if taken else None) == found


def test_a_site_that_has_a_ladder_for_everything_uses_no_packaged_one(tmp_path):
    write_site(tmp_path, [LEVEL])
    (tmp_path / "ladders.yaml").write_text(
        "ladders:\n  - id: default\n    steps: [{after_s: 0, to: zhang}]\n", "utf-8"
    )
    assert [one.id for one in load_site(tmp_path).ladders] == ["default"]


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("TK101.*", "E001/TK101.LT01", True),
        ("TK101.*", "E001/TK102.LT01", False),
        ("E001/TK*", "E001/TK102.LT01", True),
        ("E002/TK*", "E001/TK102.LT01", False),
        ("*.HH", "E001/TK101.LT01.HH", True),
        ("a[b]?", "E001/a[b]?", True),
        ("a[b]?", "E001/abc", False),
    ],
)
def test_only_the_star_means_something_in_a_pattern(pattern, name, fits):
    assert fits_name(pattern, name) is fits


def test_a_book_without_a_ladder_for_everything_is_completed():
    some = ladder(step(0, "zhang"), match=LadderMatch(unit=("U9",)))
    assert LadderBook([some]).ladder_for(subject()) is not None
    assert LadderBook([]).ladder_for(subject(alarm_class="advisory")) is None


def test_every_packaged_time_says_that_it_is_no_regulation():
    ladders, call_up = default_ladders()
    for one in ladders:
        assert one.status == both("默认值，不是法规", "default, not a regulation")
        assert all("default, not a regulation" in part.source for part in (*one.steps, *one.acked_steps))
        assert one.steps[0].after_s == 0
        assert largest_gap_s(one) <= 8 * 3600
    assert call_up.status == both("默认值，不是法规", "default, not a regulation")
    assert (call_up.calls, call_up.within_s, call_up.listen_s) == (3, 300, 20)


def test_the_roles_of_ladders_are_the_persons_roles_of_the_service():
    assert set(ROLES) == set(get_args(Role)) - {"display"}


def test_the_demonstration_site_has_a_ladder_of_its_own():
    site = load_site(ROOT / "examples" / "tank-farm")
    taken = LadderBook(site.ladders).ladder_for(
        subject(rule="E001/GA1.GD01.HH", point="E001/GA1.GD01", priority=Priority.CRITICAL, unit="GA1")
    )
    assert taken is not None
    assert taken.id == "second-level-gas"
