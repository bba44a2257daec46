"""False alarms on quiet months: the quiet plant through the gateway's engine, counted rule by rule."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from alarm_rules.condition import ConditionChange
from alarm_rules.detector_params import parameters_of
from alarm_rules.model import Rule, Site
from detectors.catalogue import kind
from evaluation.quiet_figures import DAY_S
from evaluation.quiet_plant import QuietPlant, QuietPoint
from evaluation.quiet_site import make_site, point_id
from gateway.engine import Engine
from gateway.samples import columns

START_NS = 1_767_196_800_000_000_000
"""2025-12-31 16:00 UTC, midnight in China; any moment would do."""
SECOND_NS = 1_000_000_000
ARRIVES_AFTER_NS = 200_000_000
YEAR_DAYS = 365.25
PACKS = "packs/"


class Counted(NamedTuple):
    """What one rule did over the whole time."""

    rule: Rule
    point: QuietPoint
    alarms: int
    active_s: float
    """Time for which its condition was true after the delays."""

    @property
    def pack(self) -> str:
        """Name of the pack that gave the rule; empty for one of `quiet_rules.yaml`."""
        if not self.rule.origin.startswith(PACKS):
            return ""
        return self.rule.origin.removeprefix(PACKS).removesuffix(".yaml")

    @property
    def suffix(self) -> str:
        return self.rule.id.rpartition(".")[2]


class QuietRun(NamedTuple):
    counted: list[Counted]
    days: float
    period_s: float
    points: int
    seed: int
    sites: int
    quantities: dict[str, int]
    """Points by quantity."""


class Tally:
    """Edges of the rules as they come; the latch's own changes are told apart from the condition's."""

    def __init__(self, site: Site) -> None:
        self.row = {rule.id: i for i, rule in enumerate(site.rules)}
        self.alarms: npt.NDArray[np.int64] = np.zeros(len(site.rules), np.int64)
        self.active_s: npt.NDArray[np.float64] = np.zeros(len(site.rules), np.float64)
        self._since: dict[int, int] = {}

    def add(self, change: ConditionChange) -> None:
        row = self.row[change.rule]
        if change.active and change.cause != "latched":
            self.alarms[row] += row not in self._since
            self._since.setdefault(row, change.received_time)
        else:
            self._end(row, change.received_time)

    def finish(self, now: int) -> None:
        for row in list(self._since):
            self._end(row, now)

    def _end(self, row: int, now: int) -> None:
        since = self._since.pop(row, None)
        if since is not None:
            self.active_s[row] += (now - since) / SECOND_NS


def measure(
    plant: QuietPlant,
    kinds: Collection[str] = (),
    progress: Callable[[float], None] = lambda share: None,
) -> QuietRun:
    """Run the plant through every rule of its site, or those of some kinds.

    `progress` is told the share that is done. Raises UnknownDetector for a kind that does not exist.
    """
    site = only(make_site(plant), kinds) if kinds else make_site(plant)
    engine = Engine(site, ["", *(point_id(point) for point in plant.points)])
    tally = Tally(site)
    numbers = np.arange(1, len(plant.points) + 1, dtype=np.int32)
    period_ns = round(plant.clock.period_s * SECOND_NS)
    now, done = START_NS, 0
    for piece in plant.pieces():
        for step in range(piece.value.shape[0]):
            now += period_ns
            if not piece.listens[step]:
                continue  # nobody judges while the gateway is away
            here = piece.arrives[step]
            point, value = numbers[here], piece.value[step][here]
            batch = columns(point, np.full(point.shape, now), value, np.zeros(point.shape, np.uint8))
            resumed = bool(piece.restart[step])
            for change in engine.judge(batch, now + ARRIVES_AFTER_NS, resumed=resumed).changes:
                tally.add(change)
        done += piece.value.shape[0]
        progress(done / plant.clock.steps)
    tally.finish(now)
    by_id = {point_id(point): point for point in plant.points}
    counted = [
        Counted(rule, by_id[rule.point], int(alarms), float(active))
        for rule, alarms, active in zip(site.rules, tally.alarms, tally.active_s, strict=True)
        if not kinds or rule.detector in kinds
    ]
    quantities = Counter(point.signal.quantity for point in plant.points)
    clock = plant.clock
    return QuietRun(
        counted, clock.days, clock.period_s, len(plant.points), clock.seed, plant.sites,
        dict(sorted(quantities.items())),
    )  # fmt: skip


def only(site: Site, kinds: Collection[str]) -> Site:
    """The site with the rules of these kinds, and those that one of them watches."""
    names = {kind(name).name for name in kinds}
    chosen = {rule.id for rule in site.rules if rule.detector in names}
    watched = {
        name
        for rule in site.rules
        if rule.id in chosen
        for parameter in parameters_of(rule.detector).values()
        if parameter.watches == "rule"
        for name in getattr(rule.params, parameter.name)
    }
    return msgspec.structs.replace(
        site, rules=tuple(rule for rule in site.rules if rule.id in chosen | watched)
    )


def point_years(points: int, days: float) -> float:
    return points * days / YEAR_DAYS


def active_share(active_s: float, rules: int, days: float) -> float:
    return active_s / (rules * days * DAY_S)
