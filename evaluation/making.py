"""A report made of what was collected: figures, targets, and what it was made of."""

import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from evaluation.figures import Seen
from evaluation.judging import ALARMS, WITH_PRE_ALARMS
from evaluation.report import Collected, Compared, Report, Target
from evaluation.scenario_peers import REPORTED, TUNING
from evaluation.scenarios import Plan
from evaluation.targets import scenario_targets

CONFIDENCE = (
    "95 %. Shares: Wilson, each danger on its own. Delays, leads and rates: bootstrap over {blocks} "
    "(400 draws, fixed seed). No false alarm counted: upper end 3 / days."
)


def versions(*libraries: str) -> dict[str, str]:
    """Of this program, Python, numpy and these libraries."""
    found = {"python": platform.python_version(), "numpy": np.__version__}
    for name in ("hazardwatch", *libraries):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from its folder, not installed
            found[name] = "unknown"
    return found


def scenario_report(
    plan: Plan, collected: Collected, command: str, compared: list[Compared], libraries: tuple[str, ...] = ()
) -> Report:
    seeds = {"peers_tuned_on_seeds": TUNING, "compared_on_seeds": plan.seeds[:REPORTED]} if compared else {}
    days = sum(one.outside_s for one in collected.cried[("total", ALARMS)]) / 86_400
    return Report(
        kind="scenarios",
        command=command,
        versions=versions(*libraries),
        made_of={
            "scenarios": list(plan.names),
            "seeds": len(plan.seeds),
            "longest_run_h": plan.longest_s / 3600,
            "runs": len(plan.scenarios) * len(plan.seeds),
            "days_outside_events": round(days, 2),
            **{name: [str(seed) for seed in named] for name, named in seeds.items()},
        },
        confidence=CONFIDENCE.format(blocks="seeds"),
        total=collected.figures(("total", ALARMS)),
        with_pre_alarms=collected.figures(("total", WITH_PRE_ALARMS)),
        detectors=collected.family("detector"),
        packs=collected.family("pack"),
        compared=compared,
        targets=scenario_targets(collected),
        plotted=plotted(collected),
    )


def observation_report(
    made_of: dict[str, int | float | str | list[str]],
    collected: Collected,
    command: str,
    compared: list[Compared],
    targets: list[Target],
    libraries: tuple[str, ...] = (),
) -> Report:
    return Report(
        kind="observations",
        command=command,
        versions=versions(*libraries),
        made_of=made_of,
        confidence=CONFIDENCE.format(blocks="days"),
        total=collected.figures(("total", ALARMS)),
        with_pre_alarms=collected.figures(("total", WITH_PRE_ALARMS)),
        detectors=collected.family("detector"),
        packs=collected.family("pack"),
        compared=compared,
        targets=targets,
        plotted=plotted(collected),
    )


def plotted(collected: Collected) -> dict[str, list[tuple[str, list[float]]]]:
    """Delays of each kind, and the leads of announced limits, sorted."""
    kinds = sorted(collected.rows("detector"))
    delays = [(name, _sorted(collected, name, "delay_s")) for name in kinds]
    leads = [(name, _sorted(collected, name, "lead_s")) for name in kinds if name == "time_to_limit"]
    return {
        "delays": [(name, values) for name, values in delays if values],
        "leads": [(name, values) for name, values in leads if values],
    }


def _sorted(collected: Collected, name: str, field: str) -> list[float]:
    seen: list[Seen] = collected.seen.get(("detector", name), [])
    values = [getattr(one, field) for one in seen if one.seen]
    return sorted(round(value, 3) for value in values if value is not None)
