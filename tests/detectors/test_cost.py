"""`python -m benchmarks.detectors`: its figures are whole. How quick anything is, is not asked here."""

import json
import sys

import pytest

from benchmarks import detectors as cost
from detectors.catalogue import kind, kinds
from detectors.contract import MOST_SLOTS
from detectors.parameters import watched_points

POINTS = 3 * MOST_SLOTS


def test_every_kind_can_be_measured_and_none_that_is_gone():
    assert set(cost.SETTINGS) | set(cost.OVER_RULES) == set(kinds())
    assert {name for name in kinds() if kind(name).over_rules} == set(cost.OVER_RULES)


def test_a_kind_without_settings_is_refused_with_the_place_to_add_them():
    with pytest.raises(cost.Unmeasured, match=r"new_kind has no settings here: add it to SETTINGS"):
        cost.settings_of("new_kind")


def test_all_together_is_four_rules_a_point_of_every_kind():
    rules = cost.all_together(POINTS)
    assert [sum(rule.point == point for rule in rules) for point in range(POINTS)] == [4] * POINTS
    assert {rule.kind for rule in rules} == set(kinds())
    assert all(len(rule.members) == len(watched_points(rule.params)) for rule in rules)
    for rule in rules:
        for watched in rule.watched:
            assert (rules[watched].kind, rules[watched].point) == ("limit", rule.point)


def test_figures_of_a_tiny_run_are_whole(monkeypatch, capsys):
    arguments = ["benchmarks.detectors", "--points", str(POINTS), "--seconds", "0", "--json"]
    monkeypatch.setattr(sys, "argv", arguments)
    cost.main()
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(figures["kinds"]) == set(kinds())
    for name, one in figures["kinds"].items():
        assert one["ns_per_sample"] > 0, name
        assert one["times_limit"] > 0, name
        assert one["bytes_per_rule"] == cost.state_bytes(kind(name))
    assert figures["kinds"]["limit"]["times_limit"] == 1.0
    together = figures["together"]
    assert (together["kinds"], together["rules"]) == (len(kinds()), 4 * POINTS)
    assert together["judgements_per_sample"] >= 3
    target = figures["target_ns_per_sample"]
    assert figures["met_in_messages"] == (together["ns_per_sample_in_messages"] <= target)
    assert figures["met_scattered"] == (together["ns_per_sample_scattered"] <= target)
    assert figures["met_bytes"] == (together["most_bytes_per_rule"] < figures["target_bytes_per_rule"])


@pytest.mark.parametrize("message", [1, 5, 7])
def test_every_point_reports_once_a_round_and_neighbours_together(message):
    [(samples, now)] = next(cost.rounds(POINTS, message))
    assert sorted(samples.point) == list(range(POINTS))
    assert set(samples.source_time) == {now}
    first = samples.point[:message].tolist()
    assert first == list(range(first[0], first[0] + len(first))) or POINTS - 1 in first


def test_lines_for_people_name_every_kind_and_both_targets():
    text = "\n".join(cost.shown(cost.measure(POINTS, 0.0, lambda line: None)))
    assert all(name in text for name in kinds())
    assert text.count("at most 500: ") == 2
    assert "below 200: " in text
