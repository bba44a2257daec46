"""The figures of a quiet run: for each kind, quantity and pack rule the false alarms a point-year.

They are kept in `false_alarms.json` beside this file, from which the page and the kinds' docstrings are
made, so that no figure stands anywhere without having been measured.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from evaluation.poisson import Rate, rate_of
from evaluation.quiet import Counted, QuietRun, active_share, point_years

KEPT = Path(__file__).with_name("false_alarms.json")
CLASSES = ("process", "advisory", "instrument")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """False alarms of some rules together. Fields that the grouping leaves open are empty."""

    kind: str = ""
    quantity: str = ""
    situation: str = ""
    pack: str = ""
    """Empty for rules of `quiet_rules.yaml`, where `kind` is not."""
    rule: str = ""
    """Suffix of the pack's rule."""
    alarm_class: str = ""
    settings: str = ""
    """What the rules say beside the kind's defaults."""
    points: int
    point_years: float
    alarms: int
    points_with_alarms: int
    per_point_year: float
    low: float
    high: float
    """95 % limits of the rate, exact for Poisson."""
    active_share: float
    """Share of the time for which a rule stood true, mean over the rules."""

    @property
    def rate(self) -> Rate:
        return Rate(self.per_point_year, self.low, self.high)


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """All packs together, one class of alarm."""

    alarms: int
    per_100_points_day: float
    low: float
    high: float


class OnMix(msgspec.Struct, frozen=True, kw_only=True):
    """Process alarms of all packs, had the points been of another site's quantities."""

    share_measured: float
    """Of the other site's points: those whose quantity the quiet plant has."""
    per_100_points_day: float
    at_most: float
    """With the upper limit of every quantity at once: surer than 95 %."""


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run told."""

    seed: int
    sites: int
    days: float
    period_s: float
    points: int
    point_years: float
    quantities: dict[str, int]
    """Points by quantity."""
    packs: dict[str, Total]
    """By class of alarm, on the quiet plant's own quantities."""
    mixes: dict[str, OnMix]
    """The same of process alarms, for the quantities of other sites."""
    kinds: list[Line]
    """By kind and quantity, with the rules of the packs where there are any, else those of
    `quiet_rules.yaml`."""
    pack_rules: list[Line]
    """By pack, rule and quantity."""
    situations: list[Line]
    """By kind, quantity and what the point lives through; only where something alarmed."""


def false_alarms_of(run: QuietRun, mixes: Mapping[str, Mapping[str, float]] | None = None) -> FalseAlarms:
    """The figures of a run. mixes: shares of the points of other sites by quantity."""
    lines = Lines(run)
    figures = FalseAlarms(
        seed=run.seed,
        sites=run.sites,
        days=run.days,
        period_s=run.period_s,
        points=run.points,
        point_years=round(point_years(run.points, run.days), 2),
        quantities=dict(run.quantities),
        packs={},
        mixes={},
        kinds=lines.by(run.counted, ("kind", "quantity")),
        pack_rules=lines.by(
            (one for one in run.counted if one.pack), ("pack", "rule", "quantity", "kind", "alarm_class")
        ),
        situations=[line for line in lines.by(run.counted, ("kind", "quantity", "situation")) if line.alarms],
    )
    return _with_totals(figures, mixes or {})


def merged(
    old: FalseAlarms,
    new: FalseAlarms,
    kinds: Collection[str],
    mixes: Mapping[str, Mapping[str, float]] | None = None,
) -> FalseAlarms:
    """The old figures with those of some kinds measured anew on the same quiet plant.

    Raises ValueError when the two are of different plants.
    """
    for name in ("seed", "sites", "days", "period_s", "quantities"):
        if getattr(old, name) != getattr(new, name):
            raise ValueError(
                f"the figures kept are of {name} {getattr(old, name)}, the new ones of {getattr(new, name)}: "
                "give the same size, or measure all kinds"
            )

    def joined(name: str) -> list[Line]:
        others = [line for line in getattr(old, name) if line.kind not in kinds]
        return sorted([*others, *getattr(new, name)], key=_place)

    lines = {name: joined(name) for name in ("kinds", "pack_rules", "situations")}
    return _with_totals(msgspec.structs.replace(old, **lines), mixes or {})


def _place(line: Line) -> tuple[str, ...]:
    return (line.pack, line.rule, line.quantity, line.kind) if line.pack else (
        line.kind, line.quantity, line.situation
    )  # fmt: skip


def _with_totals(figures: FalseAlarms, mixes: Mapping[str, Mapping[str, float]]) -> FalseAlarms:
    return msgspec.structs.replace(
        figures,
        packs={name: _total(figures, name) for name in CLASSES},
        mixes={name: _on_mix(figures, shares) for name, shares in mixes.items()},
    )


def _total(figures: FalseAlarms, alarm_class: str) -> Total:
    alarms = sum(line.alarms for line in figures.pack_rules if line.alarm_class == alarm_class)
    value, low, high = map(_rounded, rate_of(alarms, figures.points * figures.days / 100))
    return Total(alarms=alarms, per_100_points_day=value, low=low, high=high)


def _on_mix(figures: FalseAlarms, shares: Mapping[str, float]) -> OnMix:
    """Rates by quantity, each with the other site's share of that quantity."""
    alarms = dict.fromkeys(figures.quantities, 0)
    for line in figures.pack_rules:
        if line.alarm_class == "process":
            alarms[line.quantity] += line.alarms
    rates = {
        name: rate_of(alarms[name], many * figures.days / 100) for name, many in figures.quantities.items()
    }
    known = {name: share for name, share in shares.items() if name in rates}
    whole = sum(known.values())
    return OnMix(
        share_measured=_rounded(whole),
        per_100_points_day=_rounded(sum(share * rates[name].value for name, share in known.items()) / whole),
        at_most=_rounded(sum(share * rates[name].high for name, share in known.items()) / whole),
    )


def _rounded(figure: float) -> float:
    return float(f"{figure:.3g}")


_KEYS: dict[str, Callable[[Counted], str]] = {
    "kind": lambda one: one.rule.detector,
    "quantity": lambda one: one.point.signal.quantity,
    "situation": lambda one: one.point.signal.situation,
    "pack": lambda one: one.pack,
    "rule": lambda one: one.suffix,
    "alarm_class": lambda one: one.rule.alarm_class,
}


class Lines:
    """Groups of what was counted."""

    def __init__(self, run: QuietRun) -> None:
        self._days = run.days

    def by(self, counted: Iterable[Counted], names: tuple[str, ...]) -> list[Line]:
        """One line for each combination of these keys, in order."""
        groups: dict[tuple[str, ...], list[Counted]] = {}
        for one in counted:
            groups.setdefault(tuple(_KEYS[name](one) for name in names), []).append(one)
        return [self._line(dict(zip(names, key, strict=True)), groups[key]) for key in sorted(groups)]

    def _line(self, keys: dict[str, str], group: list[Counted]) -> Line:
        points = len({one.rule.point for one in group})
        alarms = sum(one.alarms for one in group)
        years = point_years(points, self._days)
        value, low, high = map(_rounded, rate_of(alarms, years))
        active_s = sum(one.active_s for one in group)
        return Line(
            **keys,
            settings=settings_of(group),
            points=points,
            point_years=round(years, 2),
            alarms=alarms,
            points_with_alarms=len({one.rule.point for one in group if one.alarms}),
            per_point_year=value,
            low=low,
            high=high,
            active_share=_rounded(active_share(active_s, len(group), self._days)),
        )


def settings_of(group: Sequence[Counted]) -> str:
    """Where the settings of these rules come from: the packs' names, or the file of the others."""
    packs = sorted({one.pack for one in group if one.pack})
    return f"pack {', '.join(packs)}" if packs else "quiet_rules.yaml"


def as_json(figures: FalseAlarms) -> str:
    """One line of JSON."""
    return msgspec.json.encode(figures).decode()


def keep(figures: FalseAlarms, path: Path = KEPT) -> None:
    """Write them where page and docstrings take them from."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")


def kept(path: Path = KEPT) -> FalseAlarms:
    """The figures kept last. Raises OSError, or msgspec.ValidationError for a file of another release."""
    return msgspec.json.decode(path.read_bytes(), type=FalseAlarms)
