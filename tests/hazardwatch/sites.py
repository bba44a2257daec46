"""A small site in files, a recording of it, and where the examples are."""

import math
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"

REGISTER = """\
enterprises:
  - id: E1
    installations:
      - id: H1
        units:
          - id: U1
            points:
              - {tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, gateway: GW1}
              - {tag: PT1, quantity: pressure, engineering_unit: kPa, range_low: 0, range_high: 100}
"""

RULES = """\
rules:
  - {id: LT1.H, point: LT1, name: x, consequence: x, response: x, priority: HIGH,
     when: {detector: limit, side: H, setpoint: 10, deadband: 0.2}}
  - {id: LT1.STALE, point: LT1, class: instrument, name: x, consequence: x, response: x, priority: LOW,
     when: {detector: stale, timeout_s: 60}}
  - {id: PT1.H, point: PT1, name: x, consequence: x, response: x, priority: HIGH, on_delay_s: 5,
     when: {detector: limit, side: H, setpoint: 80, deadband: 1}}
"""

START = 1_700_000_000


def write_site(folder: Path) -> tuple[Path, Path]:
    """(register, rules)"""
    folder.mkdir(parents=True, exist_ok=True)
    register, rules = folder / "register.yaml", folder / "rules.yaml"
    register.write_text(REGISTER)
    rules.write_text(RULES)
    return register, rules


def write_recording(path: Path, rows: int) -> Path:
    """A row a second. The level swings over its limit every 100 s; it is silent for two minutes of every
    1,000 s; the pressure passes its limit for longer and for shorter than its delay."""
    lines = ["time,LT1,PT1"]
    for k in range(rows):
        level = f"{9 + 2 * math.sin(k * math.tau / 100):.3f}" if not 500 <= k % 1_000 < 620 else ""
        pressure = 85 if k % 60 < 3 or k % 90 < 8 else 70
        lines.append(f"{START + k},{level},{pressure}")
    path.write_text("\n".join(lines) + "\n")
    return path
