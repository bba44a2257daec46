"""The page that shows an evaluation: tables in Markdown and plots beside it, the same for the same results.

A page has a section for simulated truth and one for a recording; each evaluation makes its own anew and
leaves the other.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluation.figures import Figures, Interval
from evaluation.judging import ALARMS, WITH_PRE_ALARMS
from evaluation.matching import GRACE_S
from evaluation.plots import Dot, scatter, strips
from evaluation.report import Report

NAME = "evaluation.md"
SECTIONS = ("scenarios", "observations")
TITLES = {"scenarios": "Simulated truth", "observations": "A labelled recording"}
NOTES = {
    "scenarios": """\
Every run is a scenario of `simulators/scenarios/` with its ranges drawn from the seed, through plant,
line and the gateway's own engine with the register and rules of its example. Most time of these scenarios
is inside events; how often the packs alarm for nothing over quiet months is in `false-alarms.md`.
""",
    "observations": """\
Figures of false alarms are upper bounds: sources near the site that nobody labelled make false alarms of
true ones. The truth does not say which sensor ought to alarm, so any point counts for an event, and each
rule that begins outside all of them is a false alarm of its own. The values stand in the unit of the
recording; they are ambient concentrations, far below what a gas detector for explosion protection shows.
""",
}
SIDE_BY_SIDE = {
    "scenarios": """\
Everybody got the same samples of the same runs, was grouped with an off-delay of 60 s and matched by the
same rule. Peers learned from, and their thresholds (one for each quantity) were chosen on, runs with
seeds of their own; figures are of the seeds named above. *few false*: what sees most without more false
alarms than ours; *best F1*: by dangers seen and the share of alarms that are true.
""",
    "observations": """\
Everybody got the same samples, an off-delay of 600 s and the same matching. Tuned ones were tuned on the
odd days and reported on the even ones, and the other way round. *few false*: what sees most without more
false alarms than ours; *best F1*: by events seen and the share of alarms that are true.
""",
}
HEAD = """# How good the detectors are

Measured by `hazardwatch evaluate`, which writes the sections below; see `docs/commands.md` for its options.

An alarm counts for an event when it is of an expected point (or of the event's unit, where no point is
named), began during the event or within {grace:g} s after it, and speaks for it: what happens to the process
has to be told by a process alarm; in the rows of detectors and packs, and in the row *{pre}*, advisory
ones count too. What happens to an instrument may be told by any alarm but an advisory one. What was active
before the event does not count. Each row counts the events at whose points it has a rule that could tell of
them, so rows have different events.

The delay runs from the beginning of the event to the moment when the gateway tells of it, transmission and
on-delay included. The lead runs from there to the moment when the true value, without noise, reaches its
weightiest limit. A false alarm is one that began outside every event of its unit; the row *{alarms}* counts
process alarms, the row *{pre}* advisory ones as well, detectors and packs everything that they say.
Chattering: how often a rule came and went more than 5 times within 5 minutes in a run.
"""


def write_page(report: Report, page: Path) -> Path:
    """Make the report's section of the page anew, and its plots in a folder of the page's name.

    page: the Markdown file, or the folder for `evaluation.md`. Returns the file. Raises OSError.
    """
    if page.suffix != ".md":
        page = page / NAME
    page.parent.mkdir(parents=True, exist_ok=True)
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    for name, svg in plots(report).items():
        (folder / name).write_text(svg, encoding="utf-8")
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    page.write_text(filled(before, report, folder.name), encoding="utf-8")
    return page


def filled(before: str, report: Report, folder: str) -> str:
    """The page's text with the report's section in it. before: the text until now, may be empty."""
    sections = {name: _section(before, name) for name in SECTIONS}
    sections[report.kind] = section(report, folder)
    head = HEAD.format(grace=GRACE_S, alarms=_named(ALARMS), pre=_named(WITH_PRE_ALARMS))
    parts = [
        f"<!-- measured: {name} -->\n{sections[name]}<!-- end -->\n" for name in SECTIONS if sections[name]
    ]
    return "\n".join([head, *parts])


def _section(page: str, name: str) -> str:
    found = re.search(rf"<!-- measured: {name} -->\n(.*?)<!-- end -->\n", page, re.DOTALL)
    return found[1] if found else ""


def section(report: Report, folder: str) -> str:
    """Everything that one evaluation says."""
    made = ", ".join(f"{name} {value}" for name, value in sorted(report.versions.items()))
    parts = [
        f"## {TITLES[report.kind]}\n",
        f"Made by `{report.command}` with {made}.",
        _made_of(report),
        NOTES[report.kind],
        f"Intervals: {report.confidence}\n",
        "### Targets\n",
        _targets(report),
        "### Figures\n",
        _figures(report),
    ]
    if report.detectors:
        parts += ["### What each kind sees\n", _by_event(report)]
    if report.compared:
        parts += ["### Side by side\n", SIDE_BY_SIDE[report.kind], _compared(report)]
    parts += [f"![{name}]({folder}/{name})\n" for name in plots(report)]
    return "\n".join(parts) + "\n"


def _made_of(report: Report) -> str:
    said = []
    for name, value in report.made_of.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        said.append(f"{name.replace('_', ' ')}: {text}")
    return "; ".join(said) + ".\n"


def _named(name: str) -> str:
    return name.replace("_", " ")


def _targets(report: Report) -> str:
    rows = []
    for target in report.targets:
        said = {True: "met", False: "**not met**", None: "not in this evaluation"}[target.met]
        figures = ", ".join(
            f"{_named(name)} {value}" for name, value in target.figures.items() if value not in ("", None)
        )
        rows.append((target.text, said, figures))
    return _table(("target", "", "figures"), rows)


FIGURES = ("", "events", "seen", "share seen", "delay s median", "p95", "lead s median", "p5",
           "false a day", "interval", "a day and 100 points", "chattering")  # fmt: skip


def _figures(report: Report) -> str:
    rows = [(_named(ALARMS), report.total), (_named(WITH_PRE_ALARMS), report.with_pre_alarms)]
    rows += [(f"`{name}`", figures) for name, figures in report.detectors.items()]
    rows += [(f"pack {name}", figures) for name, figures in report.packs.items()]
    text = _table(FIGURES, [(name, *_row(figures)) for name, figures in rows])
    errors = [
        (
            f"`{name}`",
            str(figures.time_error.n),
            shown(figures.time_error.median),
            shown(figures.time_error.p95),
        )
        for name, figures in report.detectors.items()
        if figures.time_error is not None
    ]
    if errors:
        text += "\nRelative error of the announced time against when the limit was truly reached:\n\n"
        text += _table(("", "announced", "median", "p95"), errors)
    return text


def _row(figures: Figures) -> tuple[str, ...]:
    share = figures.share
    return (
        str(figures.events),
        str(figures.seen),
        f"{share.value:.1%} ({share.interval.low:.1%}–{share.interval.high:.1%})" if share else "",
        _with_interval(figures.delay_s.median, figures.delay_s.median_interval),
        _with_interval(figures.delay_s.p95, figures.delay_s.p95_interval),
        _with_interval(figures.lead_s.median, figures.lead_s.median_interval),
        shown(figures.lead_s.p05),
        shown(figures.false_alarms_per_day),
        shown_interval(figures.false_alarms_interval),
        shown(figures.false_alarms_per_100_points_day),
        str(figures.chattering),
    )


def _by_event(report: Report) -> str:
    """Seen of events, and the median delay, for each kind of event and detector."""
    kinds = [name for name, figures in report.detectors.items() if figures.by_event]
    events = sorted({event for name in kinds for event in report.detectors[name].by_event})
    everything = {_named(ALARMS): report.total} | {f"`{name}`": report.detectors[name] for name in kinds}
    rows = []
    for name, figures in everything.items():
        cells = [figures.by_event.get(event) for event in events]
        rows.append(
            (
                name,
                *(
                    "" if cell is None else f"{cell.seen}/{cell.events}" + _after(cell.delay_s)
                    for cell in cells
                ),
            )
        )
    return "Seen of events, and the median delay.\n\n" + _table(("", *map(_named, events)), rows)


def _after(delay_s: float | None) -> str:
    return "" if delay_s is None else f", {shown(delay_s)} s"


def _compared(report: Report) -> str:
    rows = [
        (
            one.name,
            one.library,
            f"{one.figures.seen}/{one.figures.events}",
            shown(one.figures.delay_s.median),
            shown(one.figures.delay_s.p95),
            str(one.figures.false_alarms),
            shown(one.figures.false_alarms_per_day),
            shown_interval(one.figures.false_alarms_interval),
            one.how,
        )
        for one in report.compared
    ]
    head = ("", "library", "seen", "delay s median", "p95", "false", "false a day", "interval", "how")
    return _table(head, rows)


def plots(report: Report) -> dict[str, str]:
    """SVG by file name."""
    found = {}
    kind = report.kind
    if delays := report.plotted.get("delays"):
        found[f"{kind}-delays.svg"] = strips(
            "Delay of each kind of detector", "s after the beginning of the event", delays, logarithmic=True
        )
    if leads := report.plotted.get("leads"):
        found[f"{kind}-leads.svg"] = strips(
            "Lead of time_to_limit", "s before the limit was truly reached", leads, mark=(300.0, "5 min")
        )
    if dots := list(_dots(report)):
        found[f"{kind}-false-against-seen.svg"] = scatter(
            "False alarms against dangers seen", "false alarms a day, outside events", "share seen", dots
        )
    return found


def _dots(report: Report) -> Iterable[Dot]:
    rows: list[tuple[str, Figures, str]]
    if report.compared:
        rows = [(one.name, one.figures, _group(one.name, one.library)) for one in report.compared]
    else:
        rows = [
            ("alarms in total", report.total, "total"),
            ("with pre-alarms", report.with_pre_alarms, "total"),
        ]
        rows += [(name, figures, "ours") for name, figures in report.detectors.items()]
    for name, figures, group in rows:
        if figures.share is not None and figures.false_alarms_per_day is not None:
            yield Dot(name, figures.false_alarms_per_day, figures.share.value, group)


def _group(name: str, library: str) -> str:
    if library:
        return "peers"
    return "thresholds" if "threshold" in name else "ours"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def shown(value: float | None) -> str:
    """Three digits, or all before the point."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def shown_interval(interval: Interval | None) -> str:
    return "" if interval is None else f"{shown(interval.low)}–{shown(interval.high)}"


def _with_interval(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return ""
    return shown(value) + (f" ({shown_interval(interval)})" if interval else "")
