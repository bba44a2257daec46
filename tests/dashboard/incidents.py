"""An incident made for a test: a tank runs over its limits within half a minute, and is emptied again."""

import shutil
import signal
from pathlib import Path

import yaml

from api.desks.policy import SHIPPED
from hazardwatch.demo import EXAMPLE
from tests.dashboard.running import Plant

LEVEL = "E001/TK101.LT01"
SCENARIO = {
    "title": "A tank runs over its limits, and nothing else",
    "title_zh": "储罐超液位",
    "description": "For a test.",
    "layout": "tank-farm",
    "duration_s": 60,
    "danger": "fast",
    "watch_levels": {"TK101.level_m": {"H": 10, "HH": 11.2, "rim": 11.9}},
    "units": [{"id": "TK101", "level_m": 9.6}],
    "events": [
        {
            "event": "overfill",
            "at_s": 3,
            "tank": "TK101",
            "inflow_m3_h": 20000,
            "expected_points": ["TK101.LT01"],
        }
    ],
}
AT_ONCE = {"off_delay_s": 0, "reason": "test", "person": "test"}
"""A limit that is over ends its alarm at once, and not after a minute."""


def incident_in(folder: Path) -> dict[str, str]:
    """Writes site, policy and scenario (`scenario_in`); gives the settings that name them.

    Of the tank's high level, whoever is on call is told at once.
    """
    shutil.copytree(EXAMPLE, folder / "site")
    rules_file = folder / "site" / "rules.yaml"
    rules = yaml.safe_load(rules_file.read_text())
    for side in ("H", "HH"):
        rules["override"].setdefault(f"TK101.LT01.{side}", {}).update(AT_ONCE)
    rules_file.write_text(yaml.safe_dump(rules, allow_unicode=True))
    ladders_file = folder / "site" / "ladders.yaml"
    ladders = yaml.safe_load(ladders_file.read_text())["ladders"]
    ladders.append(ladders[0] | {"id": "tank", "for": {"priority": "HIGH", "point": ["TK101.*"]}})
    ladders_file.write_text(yaml.safe_dump({"ladders": ladders}, allow_unicode=True))
    levels = yaml.safe_load(SHIPPED.read_text())["levels"]
    levels["hold_s"] = dict.fromkeys(levels["hold_s"], 1)
    (folder / "policy.yaml").write_text(yaml.safe_dump({"levels": levels}, allow_unicode=True))
    scenario_in(folder).write_text(yaml.safe_dump(SCENARIO))
    return {
        "HAZARDWATCH_GATEWAY_SITE": str(folder / "site"),
        "HAZARDWATCH_API_SITE": str(folder / "site"),
        "HAZARDWATCH_API_DESK_POLICY": str(folder / "policy.yaml"),
    }


def scenario_in(folder: Path) -> Path:
    return folder / "incident.yaml"


def end_incident(plant: Plant) -> None:
    """The plant stands again as on a quiet day."""
    plant.signal("simulator", signal.SIGKILL)
    plant.demo.scenario = "normal"
    plant.start("simulator")
