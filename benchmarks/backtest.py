"""`python -m benchmarks.backtest`: how fast a back-test replays, both rule sets together, on one core.

A made-up site of level points with the packs `level` and `instrument` (12 rules a point), six hours of
samples every 10 s at times of their own, in the embedded history.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from alarm_rules.load import load_changed_site, load_site
from evaluation.backtest import backtest
from evaluation.history_reading import Range, history_in
from gateway.history.embedded import EmbeddedHistory
from gateway.history.port import HistoryColumns
from gateway.settings import GatewaySettings
from gateway.warm_up import warm_up

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
START = 1_790_002_800 * SECOND_NS
PERIOD_S = 10
HEAD = (
    "enterprises:\n  - id: E1\n    installations:\n      - id: H1\n        units:\n          - id: U1\n"
    "            points:\n"
)
POINT = (
    "              - {{tag: LT{0}, quantity: level, engineering_unit: m, range_low: 0, range_high: 12,"
    " period_s: 10, limits: {{LL: 1, L: 2, H: 10, HH: 11}}}}\n"
)


def write_site(folder: Path, points: int) -> tuple[Path, Path]:
    """(site, changed rules)."""
    site, new = folder / "site", folder / "new.yaml"
    site.mkdir(parents=True)
    (site / "register.yaml").write_text(HEAD + "".join(POINT.format(number) for number in range(points)))
    (site / "rules.yaml").write_text("packs: [level, instrument]\n")
    new.write_text("override:\n  LT0.H: {when: {deadband: 0.3}, off_delay_s: 60}\n")
    return site, new


def write_history(data: Path, points: int, hours: int) -> None:
    """Noise around half full; every point at a phase of its own."""
    rng = np.random.default_rng(0)
    history = EmbeddedHistory(data / "history", retention_days=100_000)
    names = tuple(f"E1/LT{number}" for number in range(points))
    phase = rng.integers(0, PERIOD_S * SECOND_NS, points)
    for hour in range(hours):
        tick = START + hour * HOUR_NS + np.arange(0, 3600, PERIOD_S) * SECOND_NS
        time = (tick[:, None] + phase[None, :]).ravel()
        number = np.tile(np.arange(points, dtype=np.int32), tick.size)
        value = np.round(6 + rng.normal(0, 0.02, time.size), 3)
        history.write(HistoryColumns(number, time, value, np.zeros(time.size, np.uint8), names))
    history.close()


def measure(points: int, hours: int) -> dict[str, float]:
    """Twice: the first run pays for what is compiled and cached."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-backtest-") as name:
        folder = Path(name)
        site, new = write_site(folder, points)
        write_history(folder / "data", points, hours)
        sites = load_site(site), load_changed_site(site, new)
        span = Range(START + HOUR_NS, START + hours * HOUR_NS)
        warm_up(lambda _name, _done, _total: None)
        for _ in range(2):
            with history_in(folder / "data", GatewaySettings()) as history:
                result = backtest(history, *sites, span).result
    rules = len(sites[0].rules)
    return {
        "points": points,
        "rules": rules,
        "samples": result.samples,
        "seconds": result.seconds,
        "samples_per_s": result.samples_per_s,
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000)
    parser.add_argument("--hours", type=int, default=6)
    given = parser.parse_args()
    print(json.dumps(measure(given.points, given.hours)))


if __name__ == "__main__":
    main()
