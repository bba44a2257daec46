"""False alarms on quiet months: counted right, and said alike by figures, page and docstrings."""

import ast
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from alarm_rules.condition import ConditionChange
from alarm_rules.load import check_site
from alarm_rules.pack_files import load_pack, pack_names
from detectors.catalogue import kinds
from evaluation.false_alarm_texts import (
    FIRST_WORDS,
    KINDS,
    outdated_docstrings,
    paragraph,
    rate_text,
    with_paragraph,
)
from evaluation.false_alarms import CLASSES, FalseAlarms, Line, false_alarms_of, keep, kept, merged
from evaluation.quiet import START_NS, QuietRun, Tally, measure, point_years
from evaluation.quiet_plant import Piece, QuietPlant
from evaluation.quiet_site import given_by_packs, make_site, own_rules, write_site
from evaluation.site_mixes import shares, site_mixes
from tests.hazardwatch.program import run

SECOND_NS = 1_000_000_000


@pytest.fixture(scope="module")
def quiet_run() -> QuietRun:
    return measure(QuietPlant(1, 0.05, 10.0, 1))


class Frozen(QuietPlant):
    """Everything stands at a value, and two points leave it: the plant that tells what a count must be."""

    def _take(self, steps: int) -> Piece:
        value = np.full((steps, len(self.points)), 5.0)
        for column, point in enumerate(self.points):
            if point.signal.quantity == "oxygen":
                value[:, column] = 20.9
            if point.tag == "GA01.GD01":
                value[20:40, column] = value[60:70, column] = 60.0
            if point.tag == "TW01.LT01":
                value[30:, column] = 10.2
        away = np.zeros(steps, np.bool_)
        away[100:112] = True
        arrives = np.repeat(~away[:, None], value.shape[1], axis=1)
        return Piece(value, arrives, ~away, np.roll(away, 1) & ~away)


@pytest.fixture(scope="module")
def frozen_run() -> QuietRun:
    return measure(Frozen(1, 0.02, 10.0, 1))


def alarms(quiet: QuietRun, rule: str) -> tuple[int, float]:
    (found,) = [one for one in quiet.counted if one.rule.id == f"Q001/{rule}"]
    return found.alarms, found.active_s


def test_latched_rule_is_counted_each_time_it_is_true_again(frozen_run: QuietRun) -> None:
    assert alarms(frozen_run, "GA01.GD01.HH") == (2, 300.0)
    assert alarms(frozen_run, "GA01.GD01.H") == (2, 300.0)


def test_condition_that_still_stands_at_the_end_counts_once_with_its_time(frozen_run: QuietRun) -> None:
    steps = round(frozen_run.days * 8640)
    count, active_s = alarms(frozen_run, "TW01.LT01.H")
    assert count == 1
    assert active_s == pytest.approx((steps - 31) * 10.0, abs=1.0)


def test_silence_while_the_gateway_is_away_is_held_against_nobody(frozen_run: QuietRun) -> None:
    stale = [one for one in frozen_run.counted if one.rule.detector == "stale"]
    assert len(stale) == frozen_run.points
    assert sum(one.alarms for one in stale) == 0


def test_change_that_only_says_that_the_latch_holds_is_no_alarm() -> None:
    site = make_site(QuietPlant(1, 0.01, 10.0, 1))
    tally = Tally(site)
    rule = site.rules[0]

    def change(second: int, active: bool, cause: str) -> ConditionChange:
        return ConditionChange(
            sequence=0, rule=rule.id, point=rule.point, active=active, onset=START_NS,
            source_time=START_NS, received_time=START_NS + second * SECOND_NS, value=1.0, quality="good",
            figure=None, cause=cause,
        )  # fmt: skip

    for each in (change(0, True, "sample"), change(5, True, "latched"), change(9, True, "sample")):
        tally.add(each)
    tally.finish(START_NS + 12 * SECOND_NS)
    assert (tally.alarms[0], tally.active_s[0]) == (2, 8.0)


def test_same_seed_gives_the_same_figures(quiet_run: QuietRun) -> None:
    assert false_alarms_of(measure(QuietPlant(1, 0.05, 10.0, 1))) == false_alarms_of(quiet_run)


def test_every_rule_of_every_pack_is_measured(quiet_run: QuietRun) -> None:
    quantities = {one.point.signal.quantity for one in quiet_run.counted}
    measured = {(one.pack, one.suffix, one.point.signal.quantity) for one in quiet_run.counted}
    for name in pack_names():
        for rule in load_pack(name).rules:
            for quantity in quantities & set(rule.applies_to.quantity):
                assert (name, rule.suffix, quantity) in measured


def test_every_kind_is_measured_somewhere(quiet_run: QuietRun) -> None:
    assert {one.rule.detector for one in quiet_run.counted} == set(kinds())


def test_rules_of_the_file_fill_what_packs_leave_open() -> None:
    for rule in own_rules():
        open_ones = [
            quantity for quantity in rule.quantity if (quantity, rule.detector) not in given_by_packs()
        ]
        assert open_ones, f"{rule.when} is measured with the packs already: take it out"


def test_site_of_the_plant_is_one_that_check_finds_nothing_wrong_with(tmp_path: Path) -> None:
    write_site(tmp_path, QuietPlant(2, 0.1, 10.0, 0).points, 10.0)
    site, findings = check_site(tmp_path)
    assert findings == []
    assert site is not None
    assert len(site.points) == 80


def test_lines_add_up_to_what_was_counted(frozen_run: QuietRun) -> None:
    figures = false_alarms_of(frozen_run)
    counted = sum(one.alarms for one in frozen_run.counted)
    assert sum(line.alarms for line in figures.kinds) == counted
    assert sum(line.alarms for line in figures.situations) == counted
    packed = sum(line.alarms for line in figures.pack_rules)
    assert packed == sum(figures.packs[name].alarms for name in CLASSES)
    assert packed >= 5


def test_total_is_reckoned_over_all_points_and_days(frozen_run: QuietRun) -> None:
    total = false_alarms_of(frozen_run).packs["process"]
    expected = total.alarms / (frozen_run.points * frozen_run.days) * 100
    assert total.per_100_points_day == pytest.approx(expected, rel=0.01)
    assert total.low < expected < total.high


def test_kinds_measured_alone_come_out_as_they_did_among_the_others(frozen_run: QuietRun) -> None:
    alone = measure(Frozen(1, 0.02, 10.0, 1), ("limit", "combination"))
    counted = {one.rule.id: one.alarms for one in alone.counted}
    assert counted == {
        one.rule.id: one.alarms for one in frozen_run.counted if one.rule.detector in ("limit", "combination")
    }
    mixes = {"levels": {"level": 0.5, "other": 0.5}}
    whole = false_alarms_of(frozen_run, mixes)
    again = merged(whole, false_alarms_of(alone), ("limit", "combination"), mixes)
    assert again == whole


def test_kinds_measured_on_another_plant_are_not_mixed_in(quiet_run: QuietRun, frozen_run: QuietRun) -> None:
    with pytest.raises(ValueError, match="kept are of seed 2"):
        merged(msgspec.structs.replace(false_alarms_of(quiet_run), seed=2), false_alarms_of(frozen_run), ())


def test_other_site_has_the_rates_of_its_own_quantities(frozen_run: QuietRun) -> None:
    figures = false_alarms_of(
        frozen_run, {"levels": {"level": 0.5, "other": 0.5}, "gas": {"combustible_gas": 1}}
    )
    process = [line for line in figures.pack_rules if line.alarm_class == "process"]
    levels, gas = (
        sum(line.alarms for line in process if line.quantity == quantity)
        for quantity in ("level", "combustible_gas")
    )
    assert figures.mixes["levels"].share_measured == 0.5
    assert figures.mixes["levels"].per_100_points_day == pytest.approx(
        levels / 8 / figures.days * 100, rel=0.01
    )
    assert figures.mixes["gas"].per_100_points_day == pytest.approx(gas / 6 / figures.days * 100, rel=0.01)
    assert figures.mixes["gas"].at_most > figures.mixes["gas"].per_100_points_day


def test_mix_of_a_site_adds_up_to_one() -> None:
    for mix in site_mixes().values():
        assert sum(mix.values()) == pytest.approx(1.0)
    assert shares(["level", "flow", "level", "level"]) == {"flow": 0.25, "level": 0.75}


def test_figures_survive_being_kept(tmp_path: Path, quiet_run: QuietRun) -> None:
    figures = false_alarms_of(quiet_run)
    keep(figures, tmp_path / "kept.json")
    assert kept(tmp_path / "kept.json") == figures


# ---- what is said of them


def line(kind: str, quantity: str, alarms: int, rate: float, low: float, high: float) -> Line:
    return Line(
        kind=kind, quantity=quantity, settings="pack level", points=10, point_years=12.5, alarms=alarms,
        points_with_alarms=1, per_point_year=rate, low=low, high=high, active_share=0.0,
    )  # fmt: skip


def figures_with(*lines: Line) -> FalseAlarms:
    return msgspec.structs.replace(kept(), kinds=list(lines))


def test_rate_is_told_with_its_limits_and_none_as_an_upper_one() -> None:
    assert rate_text(line("limit", "level", 3, 0.24, 0.0495, 0.701)) == "0.24 (0.05 to 0.7)"
    assert rate_text(line("limit", "level", 0, 0.0, 0.0, 0.2397)) == "under 0.24"
    assert rate_text(line("limit", "level", 9000, 1234.5, 1200.0, 1260.0)) == "1200 (1200 to 1300)"


SOURCE = '"""A kind.\n\nFinds: it.\n\nState: 1 byte.\n"""\nX = 1\n'


def test_paragraph_comes_before_the_state_and_is_replaced_in_place() -> None:
    first = paragraph("limit", figures_with(line("limit", "level", 0, 0.0, 0.0, 0.24)))
    once = with_paragraph(SOURCE, first)
    assert once == SOURCE.replace("State:", f"{first}\n\nState:")
    second = paragraph("limit", figures_with(line("limit", "level", 3, 0.24, 0.05, 0.7)))
    twice = with_paragraph(once, second)
    assert twice == SOURCE.replace("State:", f"{second}\n\nState:")
    assert ast.get_docstring(ast.parse(twice))


def test_source_without_a_place_for_the_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="State, Example or Source"):
        with_paragraph('"""A kind."""\n', "figures")


def test_every_docstring_says_the_figures_that_are_kept() -> None:
    assert list(outdated_docstrings(kept())) == [], "run  hazardwatch quiet --keep"


def test_every_kind_has_its_figures_in_its_docstring() -> None:
    for name in kinds():
        assert FIRST_WORDS in (KINDS / f"{name}.py").read_text("utf-8"), f"{name}: hazardwatch quiet --keep"


def test_kept_figures_stay_below_one_false_process_alarm_per_hundred_points_and_day() -> None:
    figures = kept()
    assert figures.packs["process"].high < 1.0
    assert figures.point_years > 20, "so few say little: run  hazardwatch quiet --sites 16 --days 30 --keep"


def test_exposure_is_in_years_of_365_and_a_quarter_days() -> None:
    assert point_years(4, 365.25) == 4.0


# ---- the command


def test_command_gives_every_figure_as_json(tmp_path: Path) -> None:
    done = run(tmp_path, "quiet", "--sites", "1", "--days", "0.02", "--json")
    assert done.status == 0, done.err
    told = json.loads(done.lines[-1])
    assert (told["sites"], told["points"], told["period_s"]) == (1, 40, 10.0)
    assert told["days"] == pytest.approx(0.02, abs=0.001)
    assert set(told["packs"]) == {"process", "advisory", "instrument"}
    keys = {
        "kind",
        "quantity",
        "alarms",
        "point_years",
        "per_point_year",
        "low",
        "high",
        "points_with_alarms",
    }
    assert all(keys <= set(each) for each in told["kinds"])
    assert {"limit", "stale", "time_to_limit"} <= {each["kind"] for each in told["kinds"]}


def test_command_names_the_kind_that_was_meant(tmp_path: Path) -> None:
    done = run(tmp_path, "quiet", "--days", "0.02", "--kinds", "limmit")
    assert done.status == 1
    assert "did you mean limit?" in done.err


def test_command_refuses_a_size_without_a_sample(tmp_path: Path) -> None:
    done = run(tmp_path, "quiet", "--days", "0")
    assert done.status == 1
    assert "give at least one" in done.err
