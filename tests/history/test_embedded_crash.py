"""Killed anywhere, the embedded history has all that it acknowledged, once."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.history.embedded import EmbeddedHistory
from tests.history.crash_harness import BLOCKS, NAMES, block
from tests.history.samples import HOUR, T0

ROOT = Path(__file__).parents[2]
POINTS_OF_DEATH = 40


def harness(folder: Path, *steps: int) -> str:
    command = [sys.executable, "-m", "tests.history.crash_harness", str(folder), *map(str, steps)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def expected(blocks: int) -> dict[int, float]:
    """Time -> value after that many blocks."""
    content: dict[int, float] = {}
    for number in range(blocks):
        content.update(dict.fromkeys(block(number).source_time.tolist(), float(number)))
    return content


@pytest.mark.slow
def test_kill_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    steps = int(harness(tmp_path, 0))
    assert steps > 5 * BLOCKS
    chosen = sorted({1 + k * (steps - 1) // (POINTS_OF_DEATH - 1) for k in range(POINTS_OF_DEATH)})
    harness(tmp_path, *chosen)
    died_compacting = 0
    for step in chosen:
        path = tmp_path / f"{step}.acknowledged"
        acknowledged = len(path.read_text().split()) if path.exists() else 0
        history = EmbeddedHistory(tmp_path / str(step))
        possible = [expected(acknowledged), expected(min(acknowledged + 1, BLOCKS))]
        for look in ("as found", "compacted"):
            for name in NAMES:
                series = history.read(name, T0 - HOUR, T0 + 9 * HOUR, 1_000_000)
                content = dict(zip(series.source_time.tolist(), series.value.tolist(), strict=True))
                assert content in possible, f"killed before step {step}, {look}, {name}"
                assert len(content) == series.value.size
            for k in range(3):
                history.maintain(T0 + 4 * HOUR + k)
        assert history.counters.damaged_files == 0
        died_compacting += history.counters.compacted_files > 0
        history.close()
        assert not list((tmp_path / str(step)).rglob("*.tmp"))
    assert died_compacting > 10
