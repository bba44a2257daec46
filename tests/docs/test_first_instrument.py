"""The five minutes of the readme, taken at its word: its commands, run in an empty folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hazardwatch.processes import free_port

README = Path(__file__).parents[2] / "README.md"
DEADLINE_S = 240
"""The detectors may have to be compiled."""


WAIT = """
for _ in $(seq 500); do
  curl -fsS -H "Authorization: Bearer $OPERATOR_KEY" http://127.0.0.1:8470/alarms | grep -q '[.]HH"' && break
done
"""
"""A person takes longer to look than the alarm takes to come; a script does not."""


def _script(ports: dict[str, int]) -> str:
    """Every bash block of the readme, with ports of its own, and an end that leaves nothing running."""
    blocks = re.findall(r"```bash\n(.*?)\n```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    text = "\n".join([*blocks[:4], WAIT, blocks[4]])
    for written, port in ports.items():
        assert written in text or written == "8471"
        text = text.replace(written, str(port))
    return f"set -euo pipefail\ntrap 'kill $(jobs -p) && wait' EXIT\n{text}\n"


@pytest.mark.slow
def test_commands_of_the_readme_lead_to_an_alarm(tmp_path: Path) -> None:
    for program, package in (("mosquitto_pub", "mosquitto-clients"), ("curl", "curl")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: apt-get install {package}")
    ports = {name: free_port(0) for name in ("1883", "8470", "8471")}
    settings = {
        "HAZARDWATCH_GATEWAY_MQTT_PORT": ports["1883"],
        "HAZARDWATCH_GATEWAY_HTTP_PORT": ports["8471"],
        "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL": f"http://127.0.0.1:{ports['8470']}",
        "HAZARDWATCH_API_PORT": ports["8470"],
        "HAZARDWATCH_API_GATEWAY_URL": f"http://127.0.0.1:{ports['8471']}",
    }
    result = subprocess.run(
        ["bash", "-c", _script(ports)],
        cwd=tmp_path,
        env={
            **os.environ,
            **{name: str(value) for name, value in settings.items()},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert result.returncode == 0, result.stderr
    checked, page, answer = result.stdout.splitlines()
    assert checked == "site: 1 points, 11 rules, nothing wrong"
    assert re.fullmatch(rf"http://127\.0\.0\.1:{ports['8470']}/app/#key=hw_\S+", page)
    # Of the system itself there may be others: that a part is not there is true while the slower one starts.
    alarms = [alarm for alarm in json.loads(answer)["alarms"] if alarm["alarm_class"] == "process"]
    assert {(alarm["rule"], alarm["state"]) for alarm in alarms} == {
        ("E001/TK101.LT01.H", "UNACK"),
        ("E001/TK101.LT01.HH", "UNACK"),
    }
