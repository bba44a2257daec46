"""`hazardwatch quiet`: measure on quiet months, print, and keep what was measured."""

import time
from pathlib import Path

from evaluation.false_alarm_texts import outdated_docstrings, rate_text
from evaluation.false_alarms import CLASSES, FalseAlarms, as_json, false_alarms_of, keep, merged
from evaluation.false_alarms import kept as already_kept
from evaluation.quiet import measure
from evaluation.quiet_plant import QuietPlant
from evaluation.site_mixes import site_mixes
from hazardwatch.output import console, errors

TOLD_EVERY_S = 10.0


def measure_and_print(
    *, sites: int, days: float, period_s: float, seed: int, kinds: list[str], as_json_line: bool, kept: bool
) -> None:
    """Run the quiet plant through all rules, or those of some kinds. Raises ValueError for a size that
    cannot be run, UnknownDetector, SiteInvalid for a delivered pack that is wrong."""
    if sites < 1 or days <= 0 or period_s <= 0 or days * 86_400 < period_s:
        raise ValueError(
            f"{sites} sites for {days:g} days at {period_s:g} s hold no sample: give at least one of each"
        )
    mixes = site_mixes()
    plant = QuietPlant(sites, days, period_s, seed)
    figures = false_alarms_of(measure(plant, kinds, Progress()), mixes)
    if kept:
        _keep(merged(already_kept(), figures, kinds, mixes) if kinds else figures)
    if as_json_line:
        print(as_json(figures))
    else:
        _print(figures)


class Progress:
    """Tells how far it is on standard error, every ten seconds."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY_S:
            self._told = time.monotonic()
            errors.print(f"{share:.0%} of the quiet months", highlight=False)


def _keep(figures: FalseAlarms) -> None:
    keep(figures)
    paths: dict[Path, str] = outdated_docstrings(figures)
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
        errors.print(f"{path.name}: its docstring says the new figures", highlight=False)
    errors.print("kept; now  make docs  for the page", highlight=False)


def _print(figures: FalseAlarms) -> None:
    lines = [f"{figures.point_years:g} point-years of {figures.points} points, seed {figures.seed}"]
    for name in CLASSES:
        total = figures.packs[name]
        lines.append(
            f"packs, {name}: {total.alarms} alarms, {total.per_100_points_day:.2g} per 100 points a day "
            f"({total.low:.2g} to {total.high:.2g})"
        )
    lines += [
        f"packs, process, on the quantities of {name}: {mix.per_100_points_day:.2g} per 100 points a day, "
        f"at most {mix.at_most:.2g}"
        for name, mix in figures.mixes.items()
    ]
    lines += [
        f"{line.kind:20}{line.quantity:18}{line.alarms:>8}  {rate_text(line)} a point-year"
        for line in figures.kinds
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
