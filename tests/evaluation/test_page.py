"""The page of an evaluation and its plots."""

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

from evaluation.figures import Cried, Seen, figures
from evaluation.page import filled, plots, section, write_page
from evaluation.plots import Dot, scatter, strips
from evaluation.report import Compared, Report, Target


def report(kind: str = "scenarios", delay_s: float = 12.0, **more: object) -> Report:
    seen = [
        Seen(1, "s", "overfill", "fast", 0, True, delay_s, 30.0, {}, "HH", 900.0, 0.02, already_active=False)
    ]
    one = figures(seen, [Cried(1, 86_400.0, 10, 1, 0, 0, 0)], ("process",))
    fields = {
        "kind": kind,
        "command": f"hazardwatch evaluate --{kind} x",
        "versions": {"hazardwatch": "1"},
        "made_of": {"seeds": 2, "days": ["2022-05-09", "2022-05-10"]},
        "confidence": "95 %.",
        "total": one,
        "with_pre_alarms": one,
        "detectors": {"time_to_limit": one},
        "packs": {"level": one},
        "compared": [Compared(name="ECOD", library="pyod 1", how="tuned a|b", figures=one)],
        "targets": [Target(name="t", text="sees all", met=False, figures={"events": 1})],
        "plotted": {
            "delays": [("time_to_limit", [delay_s, 2.0])],
            "leads": [("time_to_limit", [30.0, 400.0])],
        },
    }  # fmt: skip
    return Report(**(fields | more))


def test_section_names_command_versions_targets_and_every_row() -> None:
    text = section(report(), "evaluation")
    assert "`hazardwatch evaluate --scenarios x` with hazardwatch 1" in text
    assert "days: 2022-05-09, 2022-05-10" in text
    assert "| sees all | **not met** | events 1 |" in text
    for row in (
        "| alarms |",
        "| with pre alarms |",
        "| `time_to_limit` | 1 | 1 |",
        "| pack level |",
        "| ECOD | pyod 1 |",
    ):
        assert row in text
    assert "tuned a\\|b" in text


def test_each_evaluation_makes_its_own_section_anew_and_leaves_the_other() -> None:
    both = filled(filled("", report(), "e"), report("observations", delay_s=99.0), "e")
    again = filled(both, report(delay_s=44.0), "e")
    assert "| 99 |" in both
    assert "| 99 |" in again
    assert "| 44 |" in again
    assert "| 12 |" not in again
    assert again.count("## Simulated truth") == again.count("## A labelled recording") == 1


def test_same_results_give_the_same_files(tmp_path: Path) -> None:
    def write(folder: Path) -> dict[str, bytes]:
        page = write_page(report(), folder)
        assert page == folder / "evaluation.md"
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }

    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    assert first == second
    assert write(tmp_path / "a") == first, "over itself as well"
    linked = [
        line.split("(")[1].rstrip(")")
        for line in first["evaluation.md"].decode().splitlines()
        if line.startswith("![")
    ]
    assert sorted(linked) == sorted(set(first) - {"evaluation.md"})


def test_page_may_be_named_as_a_file(tmp_path: Path) -> None:
    assert write_page(report(), tmp_path / "how-good.md") == tmp_path / "how-good.md"
    assert sorted(path.name for path in (tmp_path / "how-good").iterdir()) == sorted(plots(report()))


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]


def test_plots_are_svg_with_a_label_for_every_row_and_nothing_outside() -> None:
    drawn = strips(
        "t", "s", [("a & b", [1.0, 5.0, 2_000.0]), ("c", [3.0])], logarithmic=True, mark=(300, "5 min")
    )
    assert {"a & b (n=3)", "c (n=1)", "5 min"} <= set(texts(drawn))
    dots = [
        Dot("one", 0.0, 1.0, "ours"),
        Dot("two", 40.0, 0.0, "peers"),
        Dot("three", 0.0, 1.0, "thresholds"),
    ]
    drawn = scatter("t", "x", "y", dots)
    assert {"one", "two", "three"} <= set(texts(drawn))
    root = ET.fromstring(drawn)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for element in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(name, 0)) <= height


def test_labels_of_dots_at_one_place_do_not_lie_on_each_other() -> None:
    dots = [Dot(f"d{n}", 0.0, 1.0, "ours") for n in range(8)]
    root = ET.fromstring(scatter("t", "x", "y", dots))
    heights = sorted(
        float(element.get("y", 0)) for element in root.iter() if (element.text or "").startswith("d")
    )
    assert all(below - above >= 12 for above, below in pairwise(heights))
