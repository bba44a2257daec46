"""The level of a tank held against its flows: what went in and out, and what the level shows of it.

Finds: a leak (the level falls, no flow says so), a gauge that lies or hangs (product goes in and the level
does not move: Buncefield, 2005), a flow that nobody measures. Choose `flatline` or `stuck` for a gauge that
hangs while nothing flows, `rate_of_change` for a tank without flow meters.

The rule's point is the level; `inflows` and `outflows` are all flows of the tank, of volume or, with
`density_kg_m3`, of mass. Volume is level times `area_m2`, or read off `table_levels` and `table_volumes_m3`,
straight lines between and beyond them. The residual is the change of volume less what flowed, each change
forgotten with exp(-age / window_s) (`detectors/balance.py`):

    R(t) = sum over level samples k of (dV_k - dF_k) exp(-(t - t_k) / window_s)

so a steady mismatch of q m3/h comes to q * window, and an old error does not stay. Flows are integrated over
their own stamps by trapezoids and held from the newest one to the stamp of the level, so stamps need not
agree. R is smoothed over `smooth_s`. True when it is `tolerance_m3 + flow_error * throughput` or more away
from 0, where throughput is what flowed either way, forgotten in the same manner; false under that less
`deadband` of it. Flows below `zero_cutoff_m3h` count as none: a meter's zero offset is no flow.

A gap begins the balance anew: a member silent for more than `max_age_s`, or one that cannot be believed.
It ends nothing: after a gap the rule ends only when a whole window has balanced. Judged at each level
sample; a level that is silent is for `stale`. For meters that report by exception `max_age_s` must be as long
as they may be silent, or no balance is ever drawn.

Quality: BAD, over-range, under-range and locked values of any member are a gap, a last-usable value is a
copy and passed over. It ends only while every newest sample is GOOD (or UNCERTAIN_TIMESTAMP).

False alarms: with level noise of sigma m at a period of p seconds the smoothed residual has a spread of
about sigma * area * sqrt(p / (2 smooth_s)); take a tolerance of 8 of them and add what the meters' zero
may bring in a window. For figures measured on quiet months see docs/false-alarms.md.

Quiet months, false alarms a point-year: level under 1.1; with the settings of quiet_rules.yaml:
docs/false-alarms.md.

State: 179 bytes a row.

Example: `when: {detector: mass_balance, inflows: [FT101], area_m2: 78.5, tolerance_m3: 10}` on LT101 in m:
400 m3/h into a tank whose gauge hangs is announced after 2.5 minutes, 21 cm of level (median of 30 seeds with
2 cm and 2 m3/h of noise and jittering stamps; 189 s at most).

Source: conservation of mass at one density; a hung gauge as at Buncefield: Buncefield Major Incident
Investigation Board, final report 2008. All defaults are choices of this project, not regulations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.balance import BALANCE, MOST_TABLE, NEVER_SEEN, TANK, see
from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import (
    Refused,
    require_finite,
    require_members,
    require_not_negative,
    require_one_of,
    require_positive,
)
from detectors.quality import Quality

COPY = int(Quality.UNCERTAIN_LAST_USABLE_VALUE)
PERIODS = 3.0
LEAST_PERIODS = 3
"""A window holds so many samples of the level at least."""
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
VOLUME_FLOWS = {"m3/h": 1.0, "m3/s": 3600.0, "L/s": 3.6, "L/min": 0.06, "L/h": 0.001}
"""m3/h of one."""
MASS_FLOWS = {"kg/h": 1.0, "kg/s": 3600.0, "t/h": 1000.0, "t/d": 1000.0 / 24.0}
"""kg/h of one."""
DIRECTIONS = {"either": 0.0, "gain": 1.0, "loss": -1.0}


def _flows(doc: str) -> Any:
    metadata = {"doc": doc, "unit": "", "watches": "point", "quantity": "flow"}
    return field(default=(), metadata=metadata | {"units": (*VOLUME_FLOWS, *MASS_FLOWS)})


@dataclass(frozen=True, kw_only=True)
class Params:
    inflows: tuple[str, ...] = _flows("Flows into the tank.")
    outflows: tuple[str, ...] = _flows("Flows out of it; 7 flows in all.")
    tolerance_m3: float = field(metadata={"doc": "Residual at which it begins.", "unit": "m3"})
    area_m2: float | None = field(
        default=None, metadata={"doc": "Area of an upright tank; the level is in m, cm or mm.", "unit": "m2"}
    )
    table_levels: tuple[float, ...] = field(
        default=(), metadata={"doc": "Rising levels, 2 to 16, for a tank of another shape.", "unit": "point"}
    )
    table_volumes_m3: tuple[float, ...] = field(
        default=(), metadata={"doc": "Volumes at those levels, rising.", "unit": "m3"}
    )
    level_unit: str = field(
        default="m",
        metadata={"doc": "Unit of the level.", "unit": "", "from_point": "engineering_unit"},
    )
    flow_units: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "Units of the flows, those into the tank first; without them, all in m3/h.",
            "unit": "",
            "from_members": "engineering_unit",
        },
    )
    density_kg_m3: float | None = field(
        default=None, metadata={"doc": "Density, where a flow is one of mass.", "unit": "kg/m3"}
    )
    direction: Literal["either", "loss", "gain"] = field(
        default="either",
        metadata={
            "doc": "loss: the level shows less than the flows say (leak, hung gauge); gain: more.",
            "unit": "",
        },
    )
    window_s: float = field(
        default=3600.0, metadata={"doc": "How long a mismatch is remembered.", "unit": "s"}
    )
    smooth_s: float = field(
        default=60.0, metadata={"doc": "Over which the residual is smoothed.", "unit": "s"}
    )
    flow_error: float = field(
        default=0.02,
        metadata={
            "doc": "Error of the meters, a fraction of what flows; widens the tolerance.",
            "unit": "",
        },
    )
    zero_cutoff_m3h: float = field(
        default=0.0, metadata={"doc": "A flow below this counts as none.", "unit": "m3/h"}
    )
    deadband: float = field(
        default=0.2, metadata={"doc": "Fraction of the tolerance by which it must fall to end.", "unit": ""}
    )
    max_age_s: float | None = field(
        default=None,
        metadata={"doc": "A longer silence is a gap; without it, three periods.", "unit": "s"},
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )

    def __post_init__(self) -> None:
        require_members("inflows and outflows", (*self.inflows, *self.outflows))
        for name in ("tolerance_m3", "window_s", "smooth_s", "period_s"):
            require_positive(name, getattr(self, name))
        for name in ("flow_error", "zero_cutoff_m3h"):
            require_not_negative(name, getattr(self, name))
        if self.max_age_s is not None:
            require_positive("max_age_s", self.max_age_s)
        if self.window_s < LEAST_PERIODS * self.period_s:
            raise Refused(
                f"window_s={self.window_s!r} 至少为 {LEAST_PERIODS} 个上报周期（每个 "
                f"{self.period_s:g} 秒）：样本太少看不出平衡",
                f"window_s={self.window_s!r} must be at least {LEAST_PERIODS} reporting periods of "
                f"{self.period_s:g} s: fewer samples show no balance",
            )
        require_one_of("direction", self.direction, tuple(DIRECTIONS))
        require_finite("deadband", self.deadband)
        if not 0 <= self.deadband < 1:
            raise Refused(
                f"deadband={self.deadband!r} 应为 tolerance_m3 的一部分：不小于 0，小于 1",
                f"deadband={self.deadband!r} must be a fraction of tolerance_m3: 0 to below 1",
            )
        self._check_shape()
        self._check_flows()

    def _check_flows(self) -> None:
        flows = len(self.inflows) + len(self.outflows)
        if self.density_kg_m3 is not None:
            require_positive("density_kg_m3", self.density_kg_m3)
        if len(self.flow_units) not in (0, flows):
            raise Refused(
                f"{flows} 个流量却有 flow_units={self.flow_units!r}：请不写",
                f"flow_units={self.flow_units!r} of {flows} flows: leave it out",
            )
        for unit in self.flow_units:
            require_one_of("flow_units", unit, (*VOLUME_FLOWS, *MASS_FLOWS))
            if unit in MASS_FLOWS and self.density_kg_m3 is None:
                raise Refused(
                    f"流量单位为 {unit}，却没有密度：请给 density_kg_m3",
                    f"a flow in {unit} without a density: give density_kg_m3",
                )

    @property
    def flow_factors(self) -> tuple[float, ...]:
        """m3/h of one unit of each flow."""
        units = self.flow_units or ("m3/h",) * (len(self.inflows) + len(self.outflows))
        density = self.density_kg_m3 or 1.0
        return tuple(VOLUME_FLOWS[u] if u in VOLUME_FLOWS else MASS_FLOWS[u] / density for u in units)

    def _check_shape(self) -> None:
        levels, volumes = self.table_levels, self.table_volumes_m3
        if (self.area_m2 is None) == (not levels):
            raise Refused("area_m2 和 table_levels：只给一个", "area_m2 and table_levels: give one of them")
        if self.area_m2 is not None:
            require_positive("area_m2", self.area_m2)
            if self.level_unit not in METRES:
                raise Refused(
                    f"给了 area_m2，液位单位却是 {self.level_unit}：请给 table_levels 和 table_volumes_m3",
                    f"area_m2 with a level in {self.level_unit}: give table_levels and table_volumes_m3",
                )
            return
        if not 2 <= len(levels) <= MOST_TABLE or len(levels) != len(volumes):
            raise Refused(
                f"table_levels 有 {len(levels)} 个值，table_volumes_m3 有 {len(volumes)} 个："
                f"两者各给 2 到 {MOST_TABLE} 个",
                f"table_levels has {len(levels)} and table_volumes_m3 {len(volumes)} values: "
                f"give 2 to {MOST_TABLE} of each",
            )
        for name, column in (("table_levels", levels), ("table_volumes_m3", volumes)):
            for value in column:
                require_finite(name, value)
            if any(left >= right for left, right in pairwise(column)):
                raise Refused(
                    f"{name}={column!r} 不是递增的：请从罐底开始",
                    f"{name}={column!r} does not rise: begin at the bottom of the tank",
                )


class BalanceParameters(NamedTuple):
    tank: npt.NDArray[np.void]  # TANK


class BalanceState(NamedTuple):
    truth: Bool
    balance: npt.NDArray[np.void]  # BALANCE


def make_parameters(params: Sequence[Params]) -> BalanceParameters:
    tank = np.zeros(len(params), TANK)
    for row, p in zip(tank, params, strict=True):
        levels, volumes = p.table_levels, p.table_volumes_m3
        if p.area_m2 is not None:
            levels, volumes = (0.0, 1.0), (0.0, p.area_m2 * METRES[p.level_unit])
        row["flows"], row["inflows"] = len(p.inflows) + len(p.outflows), len(p.inflows)
        row["factors"][1 : 1 + row["flows"]] = p.flow_factors
        row["corners"] = len(levels)
        row["levels"][: len(levels)], row["volumes"][: len(levels)] = levels, volumes
        row["sign"], row["tolerance"], row["share"] = DIRECTIONS[p.direction], p.tolerance_m3, p.flow_error
        row["back"], row["cutoff"] = 1.0 - p.deadband, p.zero_cutoff_m3h
        row["window"], row["smooth"] = p.window_s, p.smooth_s
        age = PERIODS * p.period_s if p.max_age_s is None else p.max_age_s
        row["max_age"], row["whole"] = round(age * SECOND_NS), round(p.window_s * SECOND_NS)
    return BalanceParameters(tank=tank)


def make_state(rows: int) -> BalanceState:
    balance = np.zeros(rows, BALANCE)
    balance["time"] = NEVER_SEEN
    balance["began"] = NEVER_SEEN
    return BalanceState(truth=np.zeros(rows, np.bool_), balance=balance)


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: BalanceParameters,
    state: BalanceState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if quality == COPY:
            continue
        point = samples.point[i]
        time = samples.source_time[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            tank = parameters.tank[row]
            balance = state.balance[row]
            if not see(tank, balance, index.slots[k], time, samples.value[i], quality):
                continue
            residual = balance["shown"]
            sign = tank["sign"]
            size = abs(residual) if sign == 0.0 else sign * residual
            reach = tank["tolerance"] + tank["share"] * max(0.0, balance["throughput"])
            if state.truth[row]:
                whole = time - balance["began"] >= tank["whole"] and balance["doubt"] == 0
                changed = whole and size < reach * tank["back"]
            else:
                changed = size >= reach
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = time
                edges.truth[count] = state.truth[row]
                edges.figure[count] = residual
                count += 1
    return count


KIND = DetectorKind(
    name="mass_balance",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    sees_bad=True,
    figure="m3 that the level shows more than the flows say, negative when less",
)
