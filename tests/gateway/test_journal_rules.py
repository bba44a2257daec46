"""What a start of the gateway finds changed in the rules is what comparing the two sites would find."""

from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from alarm_rules.changes import compare
from alarm_rules.load import load_site
from alarm_rules.model import DisabledRule, Priority, Site
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from hazardwatch.cli import app

EXAMPLE = load_site(Path(__file__).parents[2] / "examples" / "tank-farm")
SMALL = msgspec.structs.replace(EXAMPLE, rules=EXAMPLE.rules[:12])
POINTS = {rule.id: rule.point for rule in SMALL.rules}


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """The example with rules that are gone, switched off or changed."""
    rules, off = [], []
    for rule in SMALL.rules:
        fate = draw(st.sampled_from(["same", "same", "gone", "off", "changed"]))
        if fate == "off":
            reason = draw(st.sampled_from(["试生产", "检修"]))
            off.append(DisabledRule(id=rule.id, point=rule.point, reason=reason, person="李工"))
        elif fate == "changed":
            rules.append(
                msgspec.structs.replace(
                    rule,
                    off_delay_s=draw(st.sampled_from([0.0, 30.0])),
                    priority=draw(st.sampled_from(Priority)),
                    alarm_class=draw(st.sampled_from(["process", "advisory"])),
                    reason="x",
                    person="张工",
                    origin=draw(st.text(max_size=3)),
                )
            )
        elif fate == "same":
            rules.append(rule)
    return msgspec.structs.replace(SMALL, rules=tuple(rules), disabled=tuple(off))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=sites(), new=sites())
def test_noted_changes_are_those_that_comparing_finds(tmp_path: Path, old: Site, new: Site) -> None:
    path = tmp_path / "journal.sqlite"
    for file in tmp_path.iterdir():
        file.unlink()
    journal = Journal(path)
    assert journal.rules.note(old, 1) == []
    expected = compare(old, new) if old.rules or old.disabled else []
    assert journal.rules.note(new, 2) == expected
    assert journal.rules.note(new, 3) == []
    journal.close()


def test_changes_survive_the_gateway_and_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = SMALL.rules[0]
    for time, delay in ((1, 0.0), (2, 10.0), (3, 20.0)):
        journal = Journal(path)
        rule = msgspec.structs.replace(first, off_delay_s=delay, person="王芳", reason=f"n{time}")
        journal.rules.note(msgspec.structs.replace(SMALL, rules=(rule,)), time)
        journal.close()
    reader = JournalReader(path)
    found = [each for each in reader.rule_changes_after(0, 100) if each.change.field == "off_delay_s"]
    assert [(each.time, each.change.old, each.change.new, each.change.reason) for each in found] == [
        (2, 0.0, 10.0, "n2"),
        (3, 10.0, 20.0, "n3"),
    ]
    everything = reader.rule_changes_after(0, 100)
    assert reader.rule_changes_after(everything[1].number, 1) == everything[2:3]
    assert reader.rule_changes_after(everything[-1].number, 100) == []
    reader.close()
    told = CliRunner().invoke(app, ["limits", "journal", "--data", str(tmp_path)], env={"COLUMNS": "300"})
    assert f"{first.id}  off_delay_s: 10.0 → 20.0  王芳: n3" in told.output
