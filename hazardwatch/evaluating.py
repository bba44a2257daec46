"""`hazardwatch evaluate`: figures of the detectors on standard output, and the page that shows them."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from detectors.catalogue import compile_all
from evaluation.field import ours_compared, peers_compared, thresholds_compared
from evaluation.figures import Figures
from evaluation.making import observation_report, scenario_report
from evaluation.observations import day_name, judge_days, judge_recording, read_site
from evaluation.page import shown, shown_interval
from evaluation.peer_choice import LIBRARIES, field_peers, scenario_peers
from evaluation.report import Collected, Report
from evaluation.scenario_peers import evaluate_with_peers
from evaluation.scenarios import evaluate_scenarios, make_plan
from evaluation.targets import field_target
from gateway.recording import read_offset
from hazardwatch.output import KernelProgress, console, errors

QUIET_S = 5.0
"""Between two lines about the progress."""


def evaluate_simulated(
    scenarios: str,
    seeds: int,
    *,
    register: Path | None,
    rules: Path | None,
    longest_h: float,
    jobs: int,
    peers: bool,
) -> Report:
    """Raises ScenarioInvalid, SiteInvalid, ValueError, OSError."""
    plan = make_plan(scenarios, seeds, register, rules, longest_h * 3600)
    methods = scenario_peers() if peers else []
    compile_all(KernelProgress())
    if methods:
        collected, compared = evaluate_with_peers(plan, methods, jobs, _Progress())
    else:
        collected, compared = evaluate_scenarios(plan, jobs, _Progress()), []
    named = "all" if scenarios == "all" else ",".join(Path(name).name for name in plan.scenarios)
    command = _command(["--scenarios", named, "--seeds", str(seeds)], register, rules, peers)
    return scenario_report(plan, collected, command, compared, LIBRARIES if peers else ())


def evaluate_observed(
    observations: Path,
    truth: Path,
    *,
    register: Path | None,
    rules: Path | None,
    utc_offset: str,
    thresholds: Sequence[float],
    peers: bool,
) -> Report:
    """Raises SiteInvalid, RecordingInvalid, ValueError, OSError."""
    site = read_site(register, rules)
    methods = field_peers() if peers else []
    compile_all(KernelProgress())
    recorded = judge_recording(site, observations, truth, read_offset(utc_offset))
    collected = Collected()
    judged_days = judge_days(recorded)
    for judged in judged_days:
        collected.add(judged)
    blocks = [next(iter(judged.values())).cried.block for judged in judged_days]
    fixed = thresholds_compared(recorded, thresholds)
    detectors = collected.family("detector")
    kinds = [name for name, figures in detectors.items() if figures.events]
    target = field_target({name: detectors[name] for name in kinds}, fixed[0].figures, fixed[0].name)
    best = str(target.figures["detector"])
    compared = ours_compared(collected, kinds) + fixed
    if methods:
        compared += peers_compared(recorded, methods, best)
    given = ["--observations", observations.name, "--truth", truth.name]
    return observation_report(
        {
            "recording": observations.name,
            "events": len(recorded.truth),
            "points": len(site.points),
            "days": [day_name(block) for block in blocks],
        },
        collected,
        _command(given, register, rules, peers),
        compared,
        [target],
        LIBRARIES if peers else (),
    )


def read_thresholds(text: str) -> list[float]:
    """Numbers with commas between. Raises ValueError."""
    try:
        found = [float(each) for each in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(map(math.isfinite, found)):
        raise ValueError(f"--thresholds {text!r}: give numbers with commas between, as 3,5")
    return found


def _command(given: Sequence[str], register: Path | None, rules: Path | None, peers: bool) -> str:
    """What makes this again; of files only their names, because folders differ from machine to machine."""
    words = ["hazardwatch", "evaluate", *given]
    if register is not None:
        words += ["--register", register.name]
    if rules is not None:
        words += ["--rules", rules.name]
    return " ".join([*words, *(["--peers"] if peers else [])])


class _Progress:
    """A line now and then, on standard error."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, of: int, what: str) -> None:
        if time.monotonic() - self._last > QUIET_S:
            self._last = time.monotonic()
            errors.print(f"{done}/{of} runs: {what}", highlight=False, markup=False)


def print_report(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(report).decode())
        return
    console.print(_table(report))
    console.print(f"Intervals: {report.confidence}", highlight=False, markup=False)
    for target in report.targets:
        said = {True: "met", False: "NOT MET", None: "nothing to say"}[target.met]
        figures = ", ".join(f"{name} {value}" for name, value in target.figures.items() if value != "")
        console.print(f"{said}: {target.text} ({figures})", highlight=False, markup=False, soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for head in ("events", "seen", "delay s", "p95", "lead s", "false/day", "interval", "chattering"):
        table.add_column(head, justify="right")
    rows = [("alarms in total", report.total), ("with pre-alarms", report.with_pre_alarms)]
    rows += list(report.detectors.items())
    rows += [(f"pack {name}", figures) for name, figures in report.packs.items()]
    rows += [(one.name, one.figures) for one in report.compared]
    for name, figures in rows:
        table.add_row(name, *_cells(figures))
    return table


def _cells(figures: Figures) -> list[str]:
    return [
        str(figures.events),
        str(figures.seen),
        shown(figures.delay_s.median),
        shown(figures.delay_s.p95),
        shown(figures.lead_s.median),
        shown(figures.false_alarms_per_day),
        shown_interval(figures.false_alarms_interval),
        str(figures.chattering),
    ]
