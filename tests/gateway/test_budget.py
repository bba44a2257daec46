"""The journal's disk budget: what it decides, and what a full one does to a running gateway."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.budget import WARN_AT, WARN_UNTIL, judge
from gateway.journal_reader import JournalReader
from tests.gateway.processes import Gateway, Publisher, free_port, publishing, started, wait_until

MIB = 1 << 20
BUDGET = 16 * MIB


@pytest.mark.parametrize(
    ("used", "warned", "nearing"),
    [(79, False, False), (80, False, True), (79, True, True), (70, True, True), (69, True, False)],
)
def test_warning_begins_at_eighty_and_ends_below_seventy(used: int, warned: bool, nearing: bool) -> None:
    state = judge(used * MIB, 100 * MIB, warned, "keep_judging")
    assert (state.nearing is not None) == nearing
    assert (state.full, state.release, state.push_back) == (None, False, False)


def test_full_budget_does_what_the_setting_says_and_says_so() -> None:
    keep = judge(100 * MIB, 100 * MIB, True, "keep_judging")
    push = judge(100 * MIB, 100 * MIB, True, "push_back")
    assert (keep.release, keep.push_back) == (True, False)
    assert (push.release, push.push_back) == (False, True)
    assert "given up" in keep.full
    assert "stopped" in push.full
    assert "100 of 100 MiB" in keep.full


@given(st.lists(st.floats(0, 1.3), max_size=60))
def test_warning_does_not_flutter(shares: list[float]) -> None:
    """Between two warnings the use fell below the lower bound."""
    warned, lowest, begun = False, 0.0, 0
    for share in shares:
        state = judge(round(share * 1000), 1000, warned, "push_back")
        if state.nearing is not None and not warned:
            assert round(share * 1000) >= 1000 * WARN_AT
            assert begun == 0 or lowest < WARN_UNTIL
            begun, lowest = begun + 1, 2.0
        warned = state.nearing is not None
        lowest = min(lowest, round(share * 1000) / 1000)


# --- the running gateway ---------------------------------------------------------------------------

OBJECTS = 1500


def fill(device: Publisher, message: int, *, level: float = 5.0) -> None:
    """6,000 samples in one message; every sample has a stamp of its own."""
    base = time.time_ns() // 1_000_000 - 10_000_000 + message * OBJECTS
    device.publish(
        json.dumps(
            [
                {"t": base + k, "v": {"LT1": level, "PT1": 20.0, "TT1": 20.0, "FT1": k % 7}}
                for k in range(OBJECTS)
            ],
            separators=(",", ":"),
        )
    )


def small(tmp_path: Path, when_full: str) -> Gateway:
    """A gateway whose history cannot be reached."""
    return Gateway(
        tmp_path,
        history="influxdb",
        influxdb_url=f"http://127.0.0.1:{free_port()}",
        influxdb_token="t",
        journal_budget_bytes=BUDGET,
        journal_when_full=when_full,
        snapshot_s=0.2,
    )


def system_changes(gateway: Gateway) -> list[tuple[str, bool]]:
    reader = JournalReader(gateway.journal)
    changes = reader.changes_after(0, 1000)
    reader.close()
    return [(c.rule.partition("/system/")[2], c.active) for c in changes if "/system/" in c.rule]


@pytest.mark.slow
def test_full_journal_keeps_judging_and_counts_what_it_gives_up(tmp_path: Path) -> None:
    gateway = small(tmp_path, "keep_judging")
    with started(gateway), publishing(gateway) as device:
        sent = 0

        def given_up() -> float:
            nonlocal sent
            for _ in range(10):
                fill(device, sent)
                sent += 1
            device.until_acknowledged()
            return gateway.metric("journal_samples_released_total")

        wait_until(given_up, "samples to be given up", 60)
        assert ("journal_budget", True) in system_changes(gateway)
        assert ("journal_full", True) in system_changes(gateway)
        health = gateway.client.get("/health")
        assert (health.status_code, "journal" in health.json()["troubles"]) == (503, True)
        fill(device, sent, level=10.5)
        device.until_acknowledged()
        reader = JournalReader(gateway.journal)
        assert "E001/LT1.H" in {change.rule for change in reader.changes_after(0, 1000)}
        reader.close()
        wait_until(lambda: ("journal_full", False) in system_changes(gateway), "room again", 60)
        lost = gateway.metric("journal_samples_released_total")
        total = gateway.metric("samples_total")
        assert 0 < lost < total
        wait_until(lambda: ("history_unavailable", True) in system_changes(gateway), "history's own alarm")
        gateway.terminate()

    # Another history takes what is left; then the warning ends, though another life of the gateway gave it.
    assert system_changes(gateway).count(("journal_budget", True)) == 1
    gateway.settings["HAZARDWATCH_GATEWAY_HISTORY"] = "embedded"
    with started(gateway):
        wait_until(lambda: ("journal_budget", False) in system_changes(gateway), "the warning to end", 60)
        assert gateway.metric("journal_bytes") < WARN_UNTIL * BUDGET
        wait_until(
            lambda: ("history_unavailable", False) in system_changes(gateway), "history's alarm to end"
        )
        assert system_changes(gateway).count(("journal_budget", True)) == 1
        gateway.terminate()


@pytest.mark.slow
def test_full_journal_pushes_back_and_loses_nothing(tmp_path: Path) -> None:
    gateway = small(tmp_path, "push_back")
    with started(gateway), publishing(gateway) as device:
        sent = 0

        def paused() -> bool:
            nonlocal sent
            if len(device.sent) - len(device.acknowledged) < 20:
                fill(device, sent)
                sent += 1
            return gateway.metric("pauses_total") > 0 and ("journal_full", True) in system_changes(gateway)

        wait_until(paused, "reading to be stopped", 60)
        fill(device, sent)
        sent += 1
        position = gateway.metric("journal_position")
        waiting = len(device.sent) - len(device.acknowledged)
        assert waiting > 0
        assert gateway.metric("journal_samples_released_total") == 0
        gateway.kill()
        gateway.settings["HAZARDWATCH_GATEWAY_HISTORY"] = "embedded"
        gateway.start()
        device.until_acknowledged(sent, 60)
        assert gateway.metric("journal_position") > position
        wait_until(lambda: ("journal_full", False) in system_changes(gateway), "room again", 60)
        answer = gateway.client.get(
            "/history/E001/LT1",
            params={"start": 0, "end": 2**62, "max_points": 10},
            headers=gateway.token,
        )
        assert answer.raise_for_status().json()["value"]
        gateway.terminate()
