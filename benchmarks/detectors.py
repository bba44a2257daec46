"""What each kind of detector costs: python -m benchmarks.detectors --json

100,000 points, one rule of the kind on each, one core; then all kinds together with four rules on each
point, dealt out in turn. The bank alone: no settling, no journal. Points report every ten seconds in batches
of 20,000, each sample by itself and scattered over the table, which is the worst that memory can be given.
All kinds together are also measured with messages of 50 neighbouring points in the same batches, which is how
gateways send. Values are noise that alarms nowhere, for that is what a plant does. Each figure is processor
time, the median of the rounds after two of warm-up.

A kind that watches several points judges a sample once for each rule that listens to it. One over rules is
fed only when a rule changes: it is measured together with the rules that it watches.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from detectors.bank import Bank, RuleRow
from detectors.catalogue import compile_all, kind, kinds
from detectors.contract import SECOND_NS, DetectorKind, Samples
from detectors.delay_columns import make_delay_state
from detectors.parameters import watched_points

TARGET_NS = 500.0
"""A sample, all kinds together, four rules a point, one core."""
TARGET_BYTES = 200
"""State of a rule: its kind's and that of its delays."""
RULES_A_POINT = 4
BATCH = 20_000
MESSAGE = 50
"""Neighbouring points that report together, where a gateway sends them in messages."""
PERIOD_S = 10
START = 1_700_000_000 * SECOND_NS
PLACE, NOISE, HIGH = 50.0, 0.3, 100.0
"""Values are noise about a place in a range of 0 to HIGH."""
DIFFERENT = 8
"""Rounds of values made beforehand."""
WARM_UP = 2
LEAST_ROUNDS = 3

SETTINGS: dict[str, dict[str, Any]] = {
    "cusum": {"range_low": 0.0, "range_high": HIGH},
    "deviation": {"setpoint": PLACE, "high_by": 20.0, "low_by": 20.0},
    "discrepancy": {"others": ("E/other",)},
    "drift": {"drift": 10.0},
    "flatline": {},
    "instrument_signal": {"states": ("failure", "over_range_locked")},
    "leak_trend": {"rise": 20.0},
    "limit": {"side": "H", "setpoint": 90.0},
    "mass_balance": {"inflows": ("E/in",), "outflows": ("E/out",), "area_m2": 100.0, "tolerance_m3": 1e6},
    "noise_loss": {},
    "off_normal": {"normal": (PLACE,), "tolerance": 20.0},
    "rate_of_change": {"direction": "either", "rate": 50.0},
    "stale": {},
    "stuck": {"resolution": 0.001},
    "time_to_limit": {"side": "HH", "setpoint": 95.0},
    "voting": {"votes": 2, "others": ("E/b", "E/c"), "side": "H", "setpoint": 90.0},
}
"""What the rules of each kind say, beside its defaults."""
OVER_RULES: dict[str, dict[str, Any]] = {"combination": {"rules": ("E/one",)}}
"""The same of kinds over rules; each watches the limit rule of its point."""


class Unmeasured(LookupError):
    """A kind for which this file has no settings."""


class KindFigures(msgspec.Struct, kw_only=True):
    ns_per_sample: float
    ns_per_judgement: float
    """A judgement is one sample at one rule."""
    times_limit: float
    """Of a judgement of `limit` in the same run."""
    bytes_per_rule: int


class Together(msgspec.Struct, kw_only=True):
    kinds: int
    rules: int
    ns_per_sample_in_messages: float
    """Samples come in messages of 50 neighbouring points."""
    ns_per_sample_scattered: float
    judgements_per_sample: float
    """More than rules a point: a rule over several points judges the samples of each."""
    most_bytes_per_rule: int


class Figures(msgspec.Struct, kw_only=True):
    """The last line of `python -m benchmarks.detectors --json`."""

    points: int
    period_s: int
    cores: int
    """Of the machine; one is used."""
    kinds: dict[str, KindFigures]
    together: Together
    target_ns_per_sample: float = TARGET_NS
    target_bytes_per_rule: int = TARGET_BYTES
    met_in_messages: bool
    met_scattered: bool
    met_bytes: bool


class Cost(msgspec.Struct, kw_only=True):
    """What a bank's rounds took, ns, and how many pairs of sample and rule it judged a sample."""

    ns_per_sample: float
    judgements_per_sample: float


def settings_of(name: str) -> dict[str, Any]:
    """Raises Unmeasured."""
    found = SETTINGS.get(name, OVER_RULES.get(name))
    if found is None:
        raise Unmeasured(f"kind {name} has no settings here: add it to SETTINGS in benchmarks/detectors.py")
    return found


def state_bytes(each: DetectorKind) -> int:
    """State of one rule of this kind, that of its delays included."""
    return sum(column.itemsize for column in (*each.make_state(1), *make_delay_state(1)))


# ---- rules


def rules_of(dealt: Sequence[Sequence[str]]) -> list[RuleRow]:
    """`dealt[point]` names the kinds of the point's rules; further points are the ones that follow it."""
    params = {name: kind(name).params(**settings_of(name)) for names in dealt for name in names}
    rules: list[RuleRow] = []
    for point, names in enumerate(dealt):
        limit = len(rules)
        for i, name in enumerate(sorted(names, key=lambda name: name != "limit")):
            watched = (limit,) if kind(name).over_rules else ()
            members = tuple((point + 1 + k) % len(dealt) for k in range(len(watched_points(params[name]))))
            rules.append(
                RuleRow(f"E/{point}.{i}", point, name, params[name], members=members, watched=watched)
            )
    return rules


def alone(name: str, points: int) -> list[RuleRow]:
    """One rule of the kind on each point, and beside a rule over rules the one that it watches."""
    names = ("limit", name) if kind(name).over_rules else (name,)
    return rules_of([names] * points)


def all_together(points: int) -> list[RuleRow]:
    """Four rules a point, all kinds in turn; a rule over rules has a limit rule beside it."""
    names = sorted(kinds())
    dealt = []
    for point in range(points):
        taken = [names[(point * RULES_A_POINT + i) % len(names)] for i in range(RULES_A_POINT)]
        if any(kind(name).over_rules for name in taken) and "limit" not in taken:
            plain = next(i for i, name in enumerate(taken) if not kind(name).over_rules)
            taken[plain] = "limit"
        dealt.append(taken)
    return rules_of(dealt)


# ---- rounds


def rounds(points: int, message: int = 1) -> Iterator[list[tuple[Samples, int]]]:
    """For ever: the batches of one period with the time at which they come; `message` neighbours report
    together."""
    random = np.random.default_rng(1)
    starts = message * random.permutation(-(-points // message))
    order = (starts[:, np.newaxis] + np.arange(message)).ravel()
    order = order[order < points].astype(np.int32)
    values = [PLACE + random.normal(0.0, NOISE, points) for _ in range(DIFFERENT)]
    quality = np.zeros(points, dtype=np.uint8)
    now, number = START, 0
    while True:
        now += PERIOD_S * SECOND_NS
        number += 1
        times = np.full(points, now, dtype=np.int64)
        value = values[number % DIFFERENT]
        cuts = [slice(at, at + BATCH) for at in range(0, points, BATCH)]
        yield [(Samples(order[cut], times[cut], value[cut], quality[cut]), now) for cut in cuts]


def cost_of(rules: Sequence[RuleRow], points: int, seconds: float, message: int = 1) -> Cost:
    """Run the rules for some seconds. Raises RuntimeError if one alarms: then it was not a quiet plant."""
    bank = Bank(rules, points)
    took: list[float] = []
    judged = 0
    for number, batches in enumerate(rounds(points, message)):
        before = bank.judgements
        began = time.thread_time()
        for samples, now in batches:
            bank.step(samples, now)
        if number >= WARM_UP:
            took.append(time.thread_time() - began)
            judged = bank.judgements - before
        if len(took) >= LEAST_ROUNDS and sum(took) >= seconds:
            break
    if len(bank.active_rules().rule):
        raise RuntimeError(
            f"{len(bank.active_rules().rule)} rules alarmed on quiet values: check the settings"
        )
    return Cost(ns_per_sample=1e9 * statistics.median(took) / points, judgements_per_sample=judged / points)


def measure(points: int, seconds: float, tell: Any = print) -> Figures:
    """Every kind alone, then all together. Raises Unmeasured, RuntimeError."""
    costs = {}
    for name in sorted(kinds(), key=lambda name: name != "limit"):
        costs[name] = cost_of(alone(name, points), points, seconds)
        tell(f"{name:18} {costs[name].ns_per_sample:8.1f} ns a sample")
    limit = costs["limit"].ns_per_sample / costs["limit"].judgements_per_sample
    found = {name: _figures(kind(name), cost, limit) for name, cost in sorted(costs.items())}
    rules = all_together(points)
    scattered = cost_of(rules, points, seconds)
    in_messages = cost_of(rules, points, seconds, MESSAGE)
    together = Together(
        kinds=len(found),
        rules=len(rules),
        ns_per_sample_in_messages=round(in_messages.ns_per_sample, 1),
        ns_per_sample_scattered=round(scattered.ns_per_sample, 1),
        judgements_per_sample=round(scattered.judgements_per_sample, 2),
        most_bytes_per_rule=max(figures.bytes_per_rule for figures in found.values()),
    )
    return Figures(
        points=points,
        period_s=PERIOD_S,
        cores=os.cpu_count() or 1,
        kinds=found,
        together=together,
        met_in_messages=together.ns_per_sample_in_messages <= TARGET_NS,
        met_scattered=together.ns_per_sample_scattered <= TARGET_NS,
        met_bytes=together.most_bytes_per_rule < TARGET_BYTES,
    )


def _figures(each: DetectorKind, cost: Cost, limit: float) -> KindFigures:
    judgement = cost.ns_per_sample / cost.judgements_per_sample
    return KindFigures(
        ns_per_sample=round(cost.ns_per_sample, 1),
        ns_per_judgement=round(judgement, 1),
        times_limit=round(judgement / limit, 2),
        bytes_per_rule=state_bytes(each),
    )


def shown(figures: Figures) -> Iterator[str]:
    """Lines for people."""
    yield f"{'kind':20}{'ns a sample':>12}{'a judgement':>12}{'of limit':>10}{'bytes':>7}"
    for name, one in figures.kinds.items():
        yield (
            f"{name:20}{one.ns_per_sample:12.1f}{one.ns_per_judgement:12.1f}{one.times_limit:10.2f}"
            f"{one.bytes_per_rule:7}"
        )
    both = figures.together
    yield f"{both.kinds} kinds together, {both.rules} rules on {figures.points} points; targets:"
    yield (
        f"{both.ns_per_sample_in_messages:.0f} ns a sample in messages of {MESSAGE}, "
        f"at most {TARGET_NS:.0f}: {_verdict(figures.met_in_messages)}"
    )
    yield (
        f"{both.ns_per_sample_scattered:.0f} ns a sample scattered, "
        f"at most {TARGET_NS:.0f}: {_verdict(figures.met_scattered)}"
    )
    yield (
        f"{both.most_bytes_per_rule} bytes a rule at most, "
        f"below {TARGET_BYTES}: {_verdict(figures.met_bytes)}"
    )


def _verdict(met: bool) -> str:
    return "met" if met else "missed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="measured for each kind, at least")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.points < 10:
        parser.error("--points: give at least 10, for rules that watch several")
    compile_all()
    figures = measure(options.points, options.seconds, (lambda line: None) if options.json else print)
    print(msgspec.json.encode(figures).decode() if options.json else "\n".join(shown(figures)))


if __name__ == "__main__":
    main()
