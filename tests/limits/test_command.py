"""`hazardwatch limits` from a history to a changed site: two persons, real files, a real service."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alarm_rules.changes import compare
from alarm_rules.load import load_site
from api.auth.keys import add_operator
from hazardwatch.cli import app
from hazardwatch.limit_files import ChangeRefused, Fact, Owner, facts_between, shortest, text_of
from tests.alarm_rules.sites import LEVEL, write_site
from tests.api.serving import Api, running_api, settings_in
from tests.evaluation import histories

RANGE = "2026-09-21T01:00..2026-09-22"
CALMER = "override:\n  LT1.H: {when: {deadband: 0.2}, off_delay_s: 60}\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return histories.write_history(tmp_path_factory.mktemp("history"), days=1)


class Desk:
    def __init__(self, api: Api, site: Path, keys: dict[str, str]) -> None:
        self.api, self.site, self.keys = api, site, keys

    def run(self, who: str, *arguments: object) -> Result:
        words = ["limits", *map(str, arguments), "--url", self.api.url, "--key", self.keys[who]]
        return CliRunner().invoke(app, words, env={"COLUMNS": "300"})

    def propose(self, data: Path, change: str = CALMER) -> dict:
        new = self.site.parent / "new.yaml"
        new.write_text(change)
        done = self.run(
            "li", "propose", "--rules", new, "--site", self.site, "--data", data, "--history", RANGE,
            "--reason", "液位波动", "--json",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        return json.loads(done.output.splitlines()[-1])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    site = histories.write_site(tmp_path / "site")
    settings, _, _ = settings_in(tmp_path / "data")
    keys = {
        name: add_operator(settings.operators_file, name, "enterprise_supervisor") for name in ("li", "wang")
    }
    with running_api(tmp_path / "data", site=load_site(site)) as api:
        yield Desk(api, site, keys)


def test_change_goes_from_history_to_the_sites_files_by_two_persons(desk: Desk, data: Path) -> None:
    before = load_site(desk.site)
    made = desk.propose(data)
    assert made["before"]["alarms"] > 20
    assert (made["after"]["alarms"], made["comparison"]["lost_apart"]) == (2, 0)
    assert {(fact["field"], fact["old"], fact["new"]) for fact in made["facts"]} == {
        ("when.deadband", 0.02, 0.2),
        ("off_delay_s", 0.0, 60.0),
    }
    alone = desk.run("li", "approve", made["id"])
    assert (alone.exit_code, "another person has to agree" in alone.output) == (1, True)
    early = desk.run("wang", "apply", made["id"], "--site", desk.site)
    assert (early.exit_code, "waits for a second person" in early.output) == (1, True)
    assert desk.run("wang", "approve", made["id"], "--comment", "同意").exit_code == 0
    assert "approved" in desk.run("li", "show", made["id"]).output
    done = desk.run("li", "apply", made["id"], "--site", desk.site)
    assert done.exit_code == 0, done.output
    (written,) = desk.site.glob("changes-*.yaml")
    changes = {change.field: change for change in compare(before, load_site(desk.site))}
    assert (changes["when.deadband"].new, changes["off_delay_s"].new) == (0.2, 60.0)
    assert changes["off_delay_s"].person == "wang"
    for word in ("液位波动", "li", made["id"]):
        assert word in changes["off_delay_s"].reason
    shown = json.loads(desk.run("li", "show", made["id"], "--json").output)
    assert (shown["state"], shown["applied_by"], shown["applied_file"]) == ("applied", "li", written.name)
    again = desk.run("li", "apply", made["id"], "--site", desk.site)
    assert (again.exit_code, len(list(desk.site.glob("changes-*.yaml")))) == (1, 1)
    assert made["id"] in desk.run("wang", "list", "--state", "applied").output


def test_change_is_not_applied_to_a_site_that_changed_meanwhile(desk: Desk, data: Path) -> None:
    made = desk.propose(data)
    assert desk.run("wang", "approve", made["id"]).exit_code == 0
    rules = desk.site / "rules.yaml"
    rules.write_text(rules.read_text().replace("setpoint: 80", "setpoint: 81"))
    refused = desk.run("li", "apply", made["id"], "--site", desk.site)
    assert (refused.exit_code, "no longer those that were reviewed" in refused.output) == (1, True)
    assert list(desk.site.glob("changes-*")) == []
    assert json.loads(desk.run("li", "show", made["id"], "--json").output)["state"] == "approved"


def test_rejected_and_withdrawn_changes_are_never_applied(desk: Desk, data: Path) -> None:
    for who, word in (("wang", "reject"), ("li", "withdraw")):
        made = desk.propose(data)
        assert desk.run(who, word, made["id"], "--comment", "x").exit_code == 0
        assert desk.run("li", "apply", made["id"], "--site", desk.site).exit_code == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("override:\n  LT1.H: {off_delay_s: 0}\n", "nothing would change"),
        (
            "rules:\n  - {id: LT1.NEW, point: LT1, when: {detector: limit, side: L, setpoint: 1}}\n",
            "LT1.NEW is added",
        ),
    ],
)
def test_what_is_no_change_of_a_limit_is_refused_before_anything_is_replayed(
    desk: Desk, data: Path, change: str, said: str
) -> None:
    new = desk.site.parent / "new.yaml"
    new.write_text(change)
    done = desk.run(
        "li",
        "propose",
        "--rules",
        new,
        "--site",
        desk.site,
        "--data",
        data,
        "--history",
        RANGE,
        "--reason",
        "x",
    )
    assert (done.exit_code, said in done.output) == (1, True)


def test_who_gives_no_key_is_asked_for_it() -> None:
    done = CliRunner().invoke(app, ["limits", "list"])
    assert (done.exit_code, "HAZARDWATCH_KEY" in done.output) == (1, True)


def test_facts_that_follow_from_others_are_not_written_down(tmp_path: Path) -> None:
    """A trend to a limit follows the limit: pinning it would part them for good."""
    site = write_site(tmp_path / "site", [LEVEL], "packs: [level]\n")
    new = write_site(
        tmp_path / "new", [LEVEL], "packs: [level]\noverride:\n  LT1.H: {when: {setpoint: 9.5}}\n"
    )
    facts = facts_between(load_site(site), load_site(new))
    assert {fact.rule for fact in facts} > {"E001/LT1.H"}
    text = shortest(site, facts, Owner("沉降", "张工"))
    assert "TO_H" not in text
    assert "TO_H" in text_of(facts, Owner("沉降", "张工"))


def test_facts_that_a_file_cannot_make_true_are_refused(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", [LEVEL], "packs: [level]\n")
    gone = Fact("E001/LT1.H", "changed", "time_to_respond_s", 180.0, None)
    with pytest.raises(ChangeRefused, match="cannot say this: time_to_respond_s"):
        shortest(site, [gone], Owner("x", "y"))
    half = Fact("E001/LT1.H", "changed", "when.setpoint", 10.0, 9.5)
    with pytest.raises(ChangeRefused, match="would not make exactly this true: besides"):
        shortest(site, [half], Owner("x", "y"))
