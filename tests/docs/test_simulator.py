"""What the page of the simulated plants shows, done."""

import re
from pathlib import Path

from simulators.generator.files import write_plant
from simulators.generator.plan import make_plan
from simulators.scenario import load_scenario
from tests.docs.test_examples import example

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


def _program(begins: str) -> str:
    """The Python block of the page that begins so."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if block.startswith(begins)]
    return found


def test_scenario_of_the_page_is_one(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(example("simulator.md", "title: A leak while"), "utf-8")
    scenario = load_scenario(file, 3)
    assert [event.place_name for event in scenario.events] == ["link", "GA1", "GA1"]
    assert 0.5 <= scenario.events[1].lost <= 0.9


def test_loop_of_the_page_gives_deliveries():
    names: dict[str, object] = {}
    exec(compile(_program("from simulators.link"), str(PAGE), "exec"), names)
    assert names["plant"].elapsed_s == 600
    assert names["delivery"].due > 1_700_000_000_000_000_000


def test_traffic_of_the_page_comes_from_a_generated_plant(tmp_path, monkeypatch):
    write_plant(make_plan(points=400, seed=1), tmp_path / "city")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(_program("from pathlib"), str(PAGE), "exec"), names)
    assert len(names["samples"].row) > 10


def test_every_key_of_an_instrument_or_an_event_is_explained():
    # Fault and line events; those of the process explain themselves by the layout's keys of the same names.
    page = PAGE.read_text("utf-8")
    for begins in ("## Instruments", "## Events"):
        section = page[page.index(begins) :].split("<!-- end -->")[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert rows
        assert all(line.rstrip("| ").count("|") == 3 for line in rows), begins
