"""The page on people, taken at its word: its commands, run against a new alert service."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hazardwatch.processes import free_port

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "people.md"
DEADLINE_S = 120
READY = """
hazardwatch api 2> api.log &
HEALTH=http://127.0.0.1:8470/health/live
curl -fsS --retry 300 --retry-delay 1 --retry-all-errors -o /dev/null "$HEALTH" 2> retries.log
"""
WHAT_WAS_SAID = re.compile(r"^== (\d+)\n", re.MULTILINE)


def _script(port: int) -> str:
    """Every bash block of the page, each announced by its number."""
    blocks = re.findall(r"```bash\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
    told = "".join(f"printf '\\n== {number}\\n'\n{block}\n" for number, block in enumerate(blocks, 1))
    text = (READY + told).replace("8470", str(port))
    return f"set -euo pipefail\ntrap 'kill $(jobs -p) && wait' EXIT\n{text}"


@pytest.mark.slow
def test_commands_of_the_page_lead_from_an_empty_store_to_people_who_are_told(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is missing: apt-get install curl")
    port = free_port(0)
    (tmp_path / "site").symlink_to(ROOT / "examples" / "tank-farm")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HAZARDWATCH_")}
    done = subprocess.run(
        ["bash", "-c", _script(port)],
        cwd=tmp_path,
        env={
            **clean,
            "HAZARDWATCH_API_PORT": str(port),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    said = WHAT_WAS_SAID.split(done.stdout)[2::2]
    accounts, _logins, receivers, rota, preview, approved, called, keys, audit = said
    assert "陈立  enterprise_supervisor  E001  one-time password" in accounts
    assert '"message_key":"test/duty-phone/1/' in receivers
    assert '"source":"layer"' in rota
    assert '"receiver":"zhou-min","via":"role:operator"' in preview
    assert '"kind":"probe","receiver":"duty-phone"' in preview, "the test message stands in the sandbox"
    assert '"state":"open"' in approved
    assert '"state":"applied"' in approved
    assert '"receiver":"li-qiang"' in called
    assert "gateway  GW1  E001" in keys
    assert "personal  setup  of 陈立" in keys
    assert "中控室大屏  E001  from 192.0.2.17" in keys
    assert audit.startswith("good: ")
    assert "receiver.add" in (tmp_path / "audit.jsonl").read_text()
