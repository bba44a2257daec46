"""Promise one: what a publisher has a PUBACK for is on disk, whatever happens to the gateway."""

import json
import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from detectors.contract import Samples
from gateway.history.embedded import open_reader
from gateway.journal_reader import JournalReader
from tests.gateway.plant import SECOND, T0
from tests.gateway.processes import Gateway, Publisher, publishing, started, wait_until

pytestmark = pytest.mark.slow

KILLS = 4
MESSAGES = 12_000
IN_FLIGHT = 400


def stamp_ms(number: int) -> int:
    """Every message has its own source time; a tenth of a second apart, as an instrument would."""
    return T0 // 1_000_000 + 100 * number


def payload(number: int) -> str:
    """LT1 swings over its limits, PT1 passes and does not pass its delays."""
    swing = 9.0 + 2.5 * (number % 400) / 400
    return json.dumps(
        {"t": stamp_ms(number), "v": {"LT1": swing, "PT1": 85.0 if number % 300 > 120 else 60.0}}
    )


def feed(device: Publisher, ended: threading.Event) -> None:
    """Publish everything, never with more than IN_FLIGHT messages waiting."""
    for number in range(MESSAGES):
        while len(device.sent) - len(device.acknowledged) >= IN_FLIGHT and not ended.is_set():
            ended.wait(0.001)
        if ended.is_set():
            return
        device.publish(payload(number))


def journalled(path: Path) -> Samples | None:
    reader = JournalReader(path)
    found = reader.samples_after(0, 10**9)
    reader.close()
    return found[1] if found else None


def on_disk(gateway: Gateway) -> set[tuple[str, int]]:
    """(point, ms) of every sample in the journal or in history."""
    reader = JournalReader(gateway.journal)
    names = reader.names()
    reader.close()
    samples = journalled(gateway.journal)
    found = (
        set()
        if samples is None
        else {
            (names[point], time // 1_000_000)
            for point, time in zip(samples.point.tolist(), samples.source_time.tolist(), strict=True)
        }
    )
    history = open_reader(gateway.data / "history")
    for tag in ("LT1", "PT1"):
        series = history.read(f"E001/{tag}", 0, 2**62, 10**7)
        found |= {(f"E001/{tag}", time // 1_000_000) for time in series.source_time.tolist()}
    history.close()
    return found


def test_every_acknowledged_sample_is_on_disk_after_several_deaths(tmp_path: Path) -> None:
    dice = random.Random(4)
    gateway = Gateway(tmp_path, snapshot_s=0.5)
    ended = threading.Event()
    with started(gateway), publishing(gateway) as device:
        feeder = threading.Thread(target=feed, args=(device, ended))
        feeder.start()
        try:
            for kill in range(KILLS):
                goal = round((kill + 0.3 + 0.5 * dice.random()) * MESSAGES / KILLS)
                wait_until(lambda goal=goal: len(device.acknowledged) >= goal, "acknowledgements", 60)
                gateway.kill()
                stamps = {json.loads(device.sent[mid])["t"] for mid in set(device.acknowledged)}
                kept = {ms for point, ms in on_disk(gateway) if point == "E001/LT1"}
                assert stamps <= kept, f"{len(stamps - kept)} acknowledged samples are gone"
                gateway.start()
            feeder.join(60)
            assert not feeder.is_alive()
            device.until_acknowledged(MESSAGES, 60)
        finally:
            ended.set()
            feeder.join(10)
        gateway.terminate()

    expected = {(f"E001/{tag}", stamp_ms(n)) for tag in ("LT1", "PT1") for n in range(MESSAGES)}
    assert on_disk(gateway) == expected
    reader = JournalReader(gateway.journal)
    changes = reader.changes_after(0, 10**6)
    reader.close()
    assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
    edges = Counter((c.rule, c.point, c.onset, c.active, c.source_time) for c in changes)
    assert max(edges.values()) == 1
    latch = [c for c in changes if c.rule == "E001/LT1.HH"]
    assert {c.onset for c in latch} == {latch[0].onset}
    assert [c.cause for c in latch[::2]] == ["sample"] * len(latch[::2])
    assert [c.cause for c in latch[1::2]] == ["latched"] * len(latch[1::2])
    level = [c for c in changes if c.rule == "E001/LT1.H"]
    assert [c.active for c in level] == [True, False] * (len(level) // 2) + [True] * (len(level) % 2)
    # A client that connects again may send new messages before the repeated ones, which are late then.
    assert len(level) >= 2 * (MESSAGES // 400 - KILLS - 1)
    assert all((c.source_time - T0) % (40 * SECOND) >= 16 * SECOND for c in level if c.active)
