"""A generated plant through the engine alone: what its traffic costs, and what the packs make of it.

    python -m benchmarks.generated_plant --points 10000 --seconds 600

Prints one JSON object. Unlike the even traffic of `kernels`, points report at their own periods, values
wander and incidents happen: what a real mix costs, and how many alarms a quiet hour brings.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from alarm_rules.load import load_site
from gateway.engine import Engine
from gateway.samples import columns
from simulators.generator.files import write_plant
from simulators.generator.plan import make_plan
from simulators.generator.population import Population
from simulators.generator.traffic import RATE, Traffic

START_NS = 1_700_000_000 * 1_000_000_000
WARM_UP_S = 5
"""Kernels are loaded, and perhaps compiled, at their first use."""


class Figures(NamedTuple):
    """What a run showed; times are processor time."""

    points: int
    rules: int
    plant_s: int
    samples: int
    traffic_us_per_sample: float
    engine_us_per_sample: float
    began: int
    """Conditions that began."""
    begin_s: float
    """Files, loading and rules."""


def measure(points: int, seconds: int, rate: float) -> Figures:
    """`seconds` of the plant's time; `rate`: incidents a point and day."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        population = write_plant(make_plan(points=points, seed=1), Path(folder))
        site = load_site(Path(folder))
    engine = Engine(site, [point.id for point in site.points])
    prepared_s = time.process_time() - started
    return _run(population, engine, seconds, rate, prepared_s)


def _run(population: Population, engine: Engine, seconds: int, rate: float, prepared_s: float) -> Figures:
    traffic = Traffic(population, start_ns=START_NS, rate=rate)
    made_s = judged_s = 0.0
    samples = began = 0
    for second in range(seconds):
        before = time.process_time()
        tick = traffic.advance()
        made = time.process_time()
        batch = columns(tick.row, tick.source_time, tick.value, tick.quality)
        changes = engine.judge(batch, traffic.now_ns).changes
        judged = time.process_time()
        began += sum(change.active for change in changes)
        if second >= WARM_UP_S:
            made_s, judged_s, samples = (
                made_s + made - before,
                judged_s + judged - made,
                samples + len(tick.row),
            )
    return Figures(
        points=population.plan.points,
        rules=len(engine.rules),
        plant_s=seconds,
        samples=samples,
        traffic_us_per_sample=round(made_s / samples * 1e6, 3),
        engine_us_per_sample=round(judged_s / samples * 1e6, 3),
        began=began,
        begin_s=round(prepared_s, 1),
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--points", type=int, default=10_000)
    words.add_argument("--seconds", type=int, default=600)
    words.add_argument("--rate", type=float, default=RATE)
    given = words.parse_args()
    if given.seconds <= WARM_UP_S:
        words.error(f"--seconds must be more than the {WARM_UP_S} of the warm-up")
    print(json.dumps(measure(given.points, given.seconds, given.rate)._asdict()))


if __name__ == "__main__":
    main()
