"""The gateway as a process: how it starts, ends, dies, and what it says when it cannot start."""

import itertools
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.journal_reader import JournalReader
from tests.gateway.processes import STOP_S, Gateway, publishing, started, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path)
    yield gateway
    gateway.kill()


_stamps = itertools.count(time.time_ns() // 1_000_000 - 100_000)


def level(value: float) -> str:
    """A message whose stamp no other one has."""
    return json.dumps({"t": next(_stamps), "v": {"LT1": value}})


def replayed(gateway: Gateway) -> list[int]:
    """Samples replayed at each start."""
    return [int(number) for number in re.findall(r"samples_replayed=(\d+)", gateway.words())]


def refused(gateway: Gateway) -> tuple[int, str]:
    """(exit status, words) of a start that must fail."""
    gateway.spawn()
    status = gateway.wait()
    words = gateway.words()
    assert "Traceback" not in words, words
    return status, words


@contextmanager
def hanging_server() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield server.getsockname()[1]


def test_sigterm_ends_in_time_and_the_next_start_has_nothing_to_replay(gateway: Gateway) -> None:
    gateway.start()
    with publishing(gateway) as device:
        for k in range(50):
            device.publish(level(5 + k / 100))
        device.until_acknowledged()
        status, seconds = gateway.terminate()
    assert (status, seconds < STOP_S) == (0, True), f"{seconds:.1f} s\n{gateway.words()}"
    gateway.start()
    assert gateway.terminate()[0] == 0
    assert replayed(gateway) == [0, 0]
    assert "Traceback" not in gateway.words()


def test_sudden_death_is_made_good_by_replay(gateway: Gateway) -> None:
    gateway.start()
    with publishing(gateway) as device:
        device.publish(level(10.5))
        device.until_acknowledged()
        gateway.kill()
        gateway.start()
        device.publish(level(5.0))
        device.until_acknowledged()
    gateway.terminate()
    assert replayed(gateway) == [0, 1]
    reader = JournalReader(gateway.journal)
    changes = [(c.rule, c.active) for c in reader.changes_after(0, 100) if "/system/" not in c.rule]
    reader.close()
    assert changes == [("E001/LT1.H", True), ("E001/LT1.H", False)]


def test_history_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with hanging_server() as port:
        gateway = Gateway(
            tmp_path, history="influxdb", influxdb_url=f"http://127.0.0.1:{port}", influxdb_token="t"
        )
        with started(gateway), publishing(gateway) as device:
            device.publish(level(5.0))
            device.until_acknowledged()
            status, seconds = gateway.terminate()
        assert (status, seconds < STOP_S) == (0, True), f"{seconds:.1f} s\n{gateway.words()}"


@pytest.mark.parametrize("part", ["mqtt", "http"])
def test_taken_port_is_named_with_its_setting(tmp_path: Path, part: str) -> None:
    with hanging_server() as port:
        gateway = Gateway(tmp_path, **{f"{part}_port": port})
        status, words = refused(gateway)
    assert status == 1
    assert f"{part}_port {port} on 127.0.0.1 cannot be opened" in words
    assert f"HAZARDWATCH_GATEWAY_{part.upper()}_PORT" in words


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, mqtt_host="0.0.0.0", batch_samples=0, http_port="x")
    status, words = refused(gateway)
    assert status == 2
    assert "HAZARDWATCH_GATEWAY_BATCH_SAMPLES" in words
    assert "HAZARDWATCH_GATEWAY_HTTP_PORT" in words
    gateway = Gateway(tmp_path, mqtt_host="0.0.0.0")
    assert "mqtt_plain_beyond_loopback" in refused(gateway)[1]


def test_site_with_a_mistake_is_refused_with_its_line(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    rules = gateway.site / "rules.yaml"
    rules.write_text(rules.read_text().replace("point: FT1", "point: FT9"))
    status, words = refused(gateway)
    assert status == 1
    assert "rules.yaml:" in words
    assert "FT9" in words


def test_damaged_journal_is_refused_with_the_remedy(gateway: Gateway) -> None:
    gateway.journal.write_bytes(b"no journal at all" * 4000)
    status, words = refused(gateway)
    assert status == 1
    assert "journal.sqlite" in words
    assert "move the file away" in words


def test_second_gateway_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with started(Gateway(tmp_path)) as first, publishing(first) as device:
        second = Gateway(tmp_path, site=first.site)
        device.client.username_pw_set("E001/GW1", second.key)
        status, words = refused(second)
        assert status == 1
        assert "written by another process" in words
        device.publish(level(5.0))
        device.until_acknowledged()


def test_full_disk_acknowledges_nothing_more_and_ends_with_a_clear_message(gateway: Gateway) -> None:
    gateway.start()
    with publishing(gateway) as device:
        device.publish(level(5.0))
        device.until_acknowledged()
        gateway.limit_files(gateway.journal.with_name("journal.sqlite-wal").stat().st_size + 20_000)
        for k in range(3000):
            device.publish(level(5 + k / 1000))
        assert gateway.wait() == 1
        acknowledged = len(device.acknowledged)
        assert acknowledged < 3001
        words = gateway.words()
        assert "Traceback" not in words, words
        assert "journal cannot" in words
        assert "free disk space" in words
        reader = JournalReader(gateway.journal)
        _, samples = reader.samples_after(0, 10**6)
        reader.close()
        assert len(samples.point) >= acknowledged
        gateway.start()
        device.until_acknowledged(3001)


def test_history_receives_what_an_earlier_life_journalled_and_batches_go(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, snapshot_s=0.5)
    with started(gateway), publishing(gateway) as device:
        for k in range(200):
            device.publish(level(5 + k / 1000))
        device.until_acknowledged()
        gateway.kill()
        gateway.start()
        wait_until(lambda: gateway.metric("history_position") > 0, "history to be written")
        for k in range(20):
            device.publish(level(6 + k / 1000))
            device.until_acknowledged()
        wait_until(lambda: kept_points(gateway) == 220, "history to have every sample")
        wait_until(lambda: oldest_batch(gateway) > 5, "batches to be released")
        wait_until(lambda: gateway.metric("history_written_total") >= 20, "the figure to follow")


def kept_points(gateway: Gateway) -> int:
    answer = gateway.client.get("/history/E001/LT1", params={"start": 0, "end": 2**62}, headers=gateway.token)
    return len(answer.raise_for_status().json()["value"])


def oldest_batch(gateway: Gateway) -> int:
    reader = JournalReader(gateway.journal)
    found = reader.samples_after(0, 1)
    reader.close()
    return 0 if found is None else found[0]
