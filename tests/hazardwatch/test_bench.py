"""`hazardwatch bench`: it runs to its end, its figures are whole, and it leaves nothing behind.

How fast anything is, is not asked here: a test that fails because the machine is busy teaches nothing.
"""

import asyncio
import json
import signal
from pathlib import Path

import numpy as np
import pytest

from benchmarks.generator import Plan, Report, RunFailed, traffic
from benchmarks.generator import run as generate
from benchmarks.stand import BenchFailed, Stand, refuse_memory
from gateway.codecs import codecs
from tests.hazardwatch.program import run, running, until

PUBACK = b"\x40\x02\x00\x01"


@pytest.mark.slow
def test_bench_measures_everything_and_loses_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "bench", "--json", "--seconds", 0.5, "--points", 1_000)
    # A sample that was acknowledged and is not in the gateway's account is a failure of the command.
    assert done.status == 0, done.err
    figures = json.loads(done.lines[-1])
    for latency in ("latency_ms", "latency_single_ms"):
        ranks = figures.pop(latency)
        assert 0 < ranks["p50"] <= ranks["p99"] <= ranks["p999"] <= ranks["max"]
    assert {
        "messages_per_s", "samples_per_s", "judgements_per_s", "bytes_per_point", "ratio_messages",
        "ratio_samples", "conditions", "points", "rules",
    } <= figures.keys()  # fmt: skip
    assert figures.pop("late_sends") >= 0
    assert all(figure > 0 for figure in figures.values()), figures
    assert (figures["points"], figures["rules"]) == (1_000, 7_000)
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]


@pytest.mark.slow
def test_bench_that_is_interrupted_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with running(tmp_path, "bench", "--seconds", 60, "--points", 1_000) as command:
            until(lambda: list(tmp_path.glob("hazardwatch-bench-*/nothing.log")), "the first process", 120)
            assert command.signal(number) < 60
            assert command.finish().status != 0
        assert list(tmp_path.glob("hazardwatch-bench-*")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--points", 49), "49 points do not fill a message of 50"),
        (("--seconds", 0), "0 seconds cannot be measured"),
        (("--folder", "absent"), "absent"),
    ],
)
def test_bench_that_cannot_measure_says_why(tmp_path: Path, arguments, words: str) -> None:
    done = run(tmp_path, "bench", *arguments)
    assert done.status == 1
    assert done.err.startswith("bench: ")
    assert words in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]


def test_folder_in_memory_is_refused() -> None:
    if not Path("/dev/shm").is_dir():
        pytest.skip("no /dev/shm: this machine has no folder in memory")
    with pytest.raises(BenchFailed, match="is in memory"):
        refuse_memory(Path("/dev/shm"))


@pytest.mark.parametrize(
    ("points", "connections", "share"), [(50, 1, 50), (1_000, 20, 50), (10_049, 50, 200)]
)
def test_every_connection_fills_whole_messages(
    tmp_path: Path, points: int, connections: int, share: int
) -> None:
    stand = Stand(tmp_path, points, 1.0)
    assert len(stand.devices) == connections
    assert stand.shares == [(i * share, share) for i in range(connections)]


def plan(port: int, **more) -> Plan:
    fields = {
        "port": port, "devices": [("E1", "D1", "key")], "points": [(0, 100)], "samples_per_message": 50,
        "messages": 7, "start_ms": 1_700_000_000_000, "seconds": 0.05, "warm_up_s": 0.0,
    }  # fmt: skip
    return Plan(**(fields | more))


def test_traffic_holds_every_point_once_a_round_at_rising_times() -> None:
    packets = traffic(plan(0), 0)
    rows = {f"P{i:06d}.LT01": i for i in range(100)}
    assert len(packets) == 7
    for number, packet in enumerate(packets):
        _, _, payload = packet.tobytes().partition(b"/data")
        assert payload[:2] == (number + 1).to_bytes(2, "big"), "packet identifiers count on"
        decoded = codecs()["json"].decode(payload[2:], None, rows)
        assert not decoded.refusals
        assert list(decoded.point) == list(range(50 * (number % 2), 50 * (number % 2) + 50))
        assert set(decoded.source_time) == {(1_700_000_000_000 + number // 2) * 1_000_000}


class Endpoint(asyncio.Protocol):
    """Answers CONNECT, and then what the test tells it to, in one go."""

    def __init__(self, answers: bytes | None) -> None:
        self._answers = answers
        self._connected = False

    def connection_made(self, transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._connected:
            self._connected = True
            self._transport.write(b"\x20\x02\x00\x00")
        elif self._answers is None:
            self._transport.close()
        else:
            self._transport.write(self._answers)
            self._answers = b""


async def against(answers: bytes | None, **more) -> Report:
    server = await asyncio.get_running_loop().create_server(lambda: Endpoint(answers), "127.0.0.1", 0)
    async with server:
        return await generate(plan(server.sockets[0].getsockname()[1], **more))


async def test_generator_counts_what_was_acknowledged() -> None:
    report = await against(PUBACK * 7)
    assert report.acknowledged_in_all == 7


async def test_generator_that_loses_its_connection_fails_the_run() -> None:
    with pytest.raises(RunFailed, match="connection lost"):
        await against(None)


async def test_generator_takes_no_other_answer_for_an_acknowledgement() -> None:
    with pytest.raises(RunFailed, match="no PUBACK"):
        await against(b"\xe0\x02\x97\x00" * 7)


async def test_generator_fails_the_run_when_a_message_is_never_acknowledged(monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.generator.DRAIN_S", 0.05)
    with pytest.raises(RunFailed, match="1 messages were not acknowledged"):
        await against(PUBACK * 6)


async def test_latency_counts_from_the_planned_moment_and_leaves_the_warm_up_out() -> None:
    """Nothing is acknowledged until the last of all messages has come: a stall of the whole run."""
    count = 40

    class Stalling(Endpoint):
        received = 0

        def data_received(self, data: bytes) -> None:
            if not self._connected:
                super().data_received(data)
                return
            self.received += data.count(b"/data")
            if self.received == count:
                self._transport.write(PUBACK * count)

    server = await asyncio.get_running_loop().create_server(lambda: Stalling(b""), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        report = await generate(plan(port, messages=count, rate=100.0, warm_up_s=0.2, seconds=0.2))
    assert report.acknowledged_in_all == count
    assert report.acknowledged in (20, 21), "the second half"
    # They were planned over 0.2 s and answered together at its end: half of them waited 0.1 s and more.
    assert report.latency_ms["max"] > 180
    assert report.latency_ms["p50"] > 90
    assert np.isfinite(list(report.latency_ms.values())).all()
