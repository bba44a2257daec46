"""What the page of the scenarios shows, done; and no delivered scenario is missing there."""

from pathlib import Path

from simulators.scenario import LAYOUTS, list_scenarios, load_scenario
from tests.docs.test_examples import example

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"


def test_scenario_of_the_page_is_one_and_draws(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(example("scenarios.md", "title: A tank is filled"), "utf-8")
    scenario = load_scenario(file, 5)
    levels = {tank.id: tank.level_m for tank in scenario.layout.tanks}
    assert levels["TK302"] == levels["TK301"], "an alias is the same draw"
    assert scenario.events[0].inflow_m3_h in (200, 400, 600)
    assert scenario.watched[0].levels == {"TK302.level_m": {"H": 11.0, "HH": 11.8, "rim": 12.6}}


def test_every_scenario_stands_on_the_page_with_what_ought_to_alarm():
    rows = {
        line.split("`")[1]: line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")
    }
    for scenario in list_scenarios():
        row = rows[scenario.name]
        assert f"| {scenario.layout.enterprise} | {scenario.danger} |" in row
        for event in scenario.events:
            assert all(tag in row for tag in event.expected_points), scenario.name


def test_every_site_stands_on_the_page():
    text = PAGE.read_text("utf-8")
    for layout in LAYOUTS.glob("*.yaml"):
        assert f"| `{layout.stem}` |" in text
