"""Suggestions from a history that the real store wrote, and the two commands over the same data."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alarm_rules.load import load_changed_site, load_site
from evaluation.backtest import backtest
from evaluation.history_reading import Range, history_in
from evaluation.nuisance import Wishes
from evaluation.suggest import suggest
from evaluation.suggestions import Suggestions, TooLittleHistory
from gateway.settings import GatewaySettings
from hazardwatch.cli import app
from tests.evaluation.histories import DAY, HOUR, T0, write_history, write_site

SPAN = Range(T0 + HOUR, T0 + 2 * DAY)
SHORT = Wishes(least_days=1)
TEXT = "2026-09-21T01:00..2026-09-23"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("history"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site")


def found(data: Path, site: Path, wishes: Wishes = SHORT, **more: object) -> Suggestions:
    with history_in(data, GatewaySettings()) as history:
        return suggest(history, load_site(site), SPAN, wishes, **more)  # type: ignore[arg-type]


def test_chattering_rule_gets_the_smallest_deadband_that_calms_it(data: Path, site: Path) -> None:
    (suggestion,) = found(data, site).suggestions
    assert suggestion.rule == "E1/LT1.H"
    best = suggestion.proposals[0]
    assert (best.what, best.recommended) == ("deadband", True)
    assert best.backtest.removed_share >= 0.8
    assert (best.backtest.true_lost, best.backtest.true_hidden, best.backtest.delay_s) == (0, 0, 0)
    stricter = found(data, site, Wishes(least_days=1, remove_share=1.0)).suggestions[0].proposals[0]
    assert stricter.override["when"]["deadband"] > best.override["when"]["deadband"]  # type: ignore[index]
    assert stricter.backtest.repeats_after == 0


def test_what_is_promised_beside_a_proposal_is_what_a_back_test_of_it_finds(data: Path, site: Path) -> None:
    new = site.parent / "new.yaml"
    for proposal in found(data, site).suggestions[0].proposals:
        new.write_text(json.dumps({"override": {"E1/LT1.H": proposal.override}}))
        with history_in(data, GatewaySettings()) as history:
            result = backtest(history, load_site(site), load_changed_site(site, new), SPAN).result
        counts = {each.rule: (each.before, each.after) for each in result.by_rule}
        promised = proposal.backtest
        assert counts["E1/LT1.H"] == (promised.alarms_before, promised.alarms_after)


def test_too_little_history_is_refused_with_what_is_needed(data: Path, site: Path) -> None:
    with pytest.raises(TooLittleHistory, match=r"1\.9583 days.*at least 7"):
        found(data, site, Wishes())


def test_quiet_gas_rule_that_is_asked_for_gets_reasons_and_no_limit(data: Path, site: Path) -> None:
    (suggestion,) = found(data, site, rules=["E1/GT1.HH"]).suggestions
    assert suggestion.proposals == []
    assert any("GB/T 50493" in reason for reason in suggestion.refused)
    assert any("never delayed" in reason for reason in suggestion.refused)
    assert suggestion.evidence.samples == pytest.approx(2 * 8640, rel=0.05)


def test_chattering_safety_limit_gets_deadband_or_off_delay_only(data: Path, tmp_path: Path) -> None:
    rules = (
        "rules:\n  - {id: LT1.HH, point: LT1, priority: CRITICAL, latched: true,"
        " when: {detector: limit, side: HH, setpoint: 10, deadband: 0.02}}\n"
    )
    (suggestion,) = found(data, write_site(tmp_path / "other", rules)).suggestions
    assert {proposal.what for proposal in suggestion.proposals} <= {"deadband", "off_delay"}
    assert any("design of the vessel" in reason for reason in suggestion.refused)


def test_limit_that_is_passed_every_day_is_advised_and_never_recommended(data: Path, site: Path) -> None:
    (suggestion,) = found(data, site).suggestions
    advice = [proposal for proposal in suggestion.proposals if proposal.advice_only]
    for proposal in advice:
        assert not proposal.recommended
        assert 10 < proposal.override["when"]["setpoint"] <= 10.5  # type: ignore[index,operator]


def test_unknown_rule_or_point_is_refused(data: Path, site: Path) -> None:
    with pytest.raises(ValueError, match=r"E1/LT9\.H is no rule"):
        found(data, site, rules=["E1/LT9.H"])
    with pytest.raises(ValueError, match="E1/LT9 is no point"):
        found(data, site, points=["E1/LT9"])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"COLUMNS": "300"})


def test_suggest_writes_what_backtest_takes(data: Path, site: Path) -> None:
    new = site.parent / "suggested.yaml"
    done = run(
        "suggest", "--site", site, "--data", data, "--history", TEXT, "--least-days", 1,
        "--write", new, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    suggested = json.loads(done.output.splitlines()[-1])
    promised = suggested["suggestions"][0]["proposals"][0]["alarms_per_day"]
    done = run("backtest", "--rules", new, "--site", site, "--data", data, "--history", TEXT, "--json")
    assert done.exit_code == 0, done.output
    tested = json.loads(done.output.splitlines()[-1])
    assert {"gained", "lost", "shifted", "per_day", "evidence", "samples_per_s"} <= tested.keys()
    assert [tested["per_day"]["before"], tested["per_day"]["after"]] == promised
    assert tested["gained"] == []
    again = run("suggest", "--site", site, "--data", data, "--history", TEXT, "--write", new)
    assert (again.exit_code, "exists already" in again.output) == (1, True)


def test_commands_read_as_sentences_for_a_person(data: Path, site: Path) -> None:
    new = site.parent / "new.yaml"
    new.write_text("override:\n  LT1.H: {when: {setpoint: 10.9}}\n")
    told = run("backtest", "--rules", new, "--register", site, "--data", data, "--history", TEXT).output
    assert "E1/LT1.H when.setpoint: 10 → 10.9" in told
    assert "nothing is proved, for 1 rules: E1/PT1.H" in told
    assert "lost: E1/LT1.H (HIGH) 2026-09-21" in told
    said = run("suggest", "--site", site, "--data", data, "--history", TEXT, "--least-days", 1).output
    assert "1 of 4 rules annoy" in said
    assert "→ deadband" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--history", "yesterday"), "is no range"),
        (("--history", "2020-01-01..2020-01-02"), "no sample"),
        (("--history", TEXT, "--data", "nowhere"), "holds no history"),
        (("--history", TEXT, "--rules", "nowhere.yaml"), "nowhere.yaml"),
        (("--history", TEXT, "--truth", "nowhere.csv"), "nowhere.csv: no such file"),
    ],
)
def test_backtest_says_in_a_sentence_what_is_amiss(
    data: Path, site: Path, arguments: tuple[str, ...], said: str
) -> None:
    new = site.parent / "new.yaml"
    new.write_text("override:\n  LT1.H: {off_delay_s: 3}\n")
    done = run("backtest", "--rules", new, "--site", site, "--data", data, *arguments)
    assert (done.exit_code, said in done.output) == (1, True), done.output
