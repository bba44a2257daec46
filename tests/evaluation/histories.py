"""A small site and its history, written by the real embedded store as a gateway would."""

import math
from pathlib import Path

import numpy as np

from gateway.history.embedded import EmbeddedHistory
from gateway.history.port import HistoryColumns

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
T0 = 1_790_000_000 * SECOND - 1_790_000_000 % 86_400 * SECOND
"""2026-09-21T00:00:00Z."""
PERIOD_S = 10
LEVEL, GAS, SILENT = "E1/LT1", "E1/GT1", "E1/PT1"

REGISTER = """\
enterprises:
  - id: E1
    installations:
      - id: H1
        units:
          - id: U1
            points:
              - {tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, period_s: 10}
              - {tag: PT1, quantity: pressure, engineering_unit: kPa, range_low: 0, range_high: 100,
                 period_s: 10}
              - {tag: GT1, quantity: combustible_gas, engineering_unit: "%LEL", range_low: 0, range_high: 100,
                 period_s: 10, cas: 74-82-8, lel_authority: nfpa}
"""

RULES = """\
rules:
  - {id: LT1.H, point: LT1, name: x, consequence: x, response: x, priority: HIGH,
     when: {detector: limit, side: H, setpoint: 10, deadband: 0.02}}
  - {id: LT1.HH, point: LT1, name: x, consequence: x, response: x, priority: CRITICAL, latched: true,
     when: {detector: limit, side: HH, setpoint: 11, deadband: 0.02}}
  - {id: PT1.H, point: PT1, name: x, consequence: x, response: x, priority: HIGH,
     when: {detector: limit, side: H, setpoint: 80, deadband: 1}}
  - {id: GT1.HH, point: GT1, name: x, consequence: x, response: x, priority: CRITICAL, latched: true,
     when: {detector: limit, side: HH, setpoint: 50, deadband: 0.5}}
"""


def write_site(folder: Path, rules: str = RULES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.yaml").write_text(REGISTER)
    (folder / "rules.yaml").write_text(rules)
    return folder


def level_of(day_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Filled once a day to just under the limit, where waves of 5 cm chatter for an hour; at 18:00 truly over
    it for half an hour."""
    base = 6.0 + 3.0 * np.sin(day_s / 86_400 * math.tau)
    base = np.where((day_s >= 6 * 3600) & (day_s < 7 * 3600), 9.97, base)
    base = np.where((day_s >= 18 * 3600) & (day_s < 18.5 * 3600), 10.6, base)
    return base + rng.normal(0, 0.025, day_s.size)


def write_history(
    data: Path, days: int = 2, *, gap_h: tuple[float, float] | None = None, seed: int = 1
) -> Path:
    """`days` days from T0 in `data/history`; gap_h: hours from T0 in which nothing came."""
    rng = np.random.default_rng(seed)
    history = EmbeddedHistory(data / "history", retention_days=100_000)
    names = (LEVEL, GAS)
    for hour in range(days * 24):
        seconds = hour * 3600 + np.arange(0, 3600, PERIOD_S)
        if gap_h:
            seconds = seconds[(seconds < gap_h[0] * 3600) | (seconds >= gap_h[1] * 3600)]
        level = level_of(seconds % 86_400, rng)
        gas = 2 + rng.normal(0, 0.3, seconds.size)
        time = T0 + seconds * SECOND
        history.write(
            HistoryColumns(
                np.repeat(np.arange(2, dtype=np.int32), seconds.size),
                np.concatenate([time, time + 3 * SECOND]),
                np.concatenate([level, gas]),
                np.zeros(2 * seconds.size, np.uint8),
                names,
            )
        )
    history.close()
    return data
