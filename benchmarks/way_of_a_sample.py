"""`hazardwatch bench`: the real endpoint over TCP, from another process, with pre-encoded traffic.

Everything is real: a gateway process with every kind of detector on every point, its journal on this
disk with a durable commit for each batch, its history following. Beside it in the same run the same
endpoint with nothing behind it, so that the figures can be compared between machines. After each run over
the whole way the gateway's own account is compared with the acknowledgements: a difference is a failure.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from alarm_rules.load import load_site
from benchmarks.kernels import measure
from benchmarks.stand import BenchFailed, RealGateway, Stand

OFFERED_SAMPLES = 100_000
SINGLE_MESSAGES = 10_000
MOST_SINGLE, MOST_FULL = 700_000, 150_000
"""Messages a second for which traffic is encoded at first; more if that is not enough."""


class Figures(msgspec.Struct, kw_only=True):
    """The last line of `hazardwatch bench --json`."""

    messages_per_s: int
    """Acknowledged QoS 1 messages with one sample each."""
    samples_per_s: int
    """Acknowledged samples, 50 in a message."""
    latency_ms: dict[str, float]
    """Planned publication to PUBACK, which follows the commit of sample and condition, at 100,000 samples/s
    in messages of 50."""
    latency_single_ms: dict[str, float]
    """The same at 10,000 messages/s of one sample, each sent by itself."""
    judgements_per_s: int
    bytes_per_point: int
    memory_mib: int
    """Resident memory of the gateway process after the load."""
    ratio_messages: float
    """Of the same endpoint with nothing behind it."""
    ratio_samples: float
    null_messages_per_s: int
    null_samples_per_s: int
    conditions: int
    """Condition changes journalled under load."""
    late_sends: int
    """Messages of both latency runs that the generator sent more than 5 ms behind its own plan."""
    points: int
    rules: int
    cores: int


def run(seconds: float, points: int, folder: Path, tell: Any = print) -> Figures:
    """Measure everything, in a new folder within `folder`. Raises BenchFailed, OSError."""
    if not seconds > 0:
        raise BenchFailed(f"{seconds:g} seconds cannot be measured: give more than 0")
    with tempfile.TemporaryDirectory(prefix="hazardwatch-bench-", dir=folder) as name:
        stand = Stand(Path(name), points, seconds)
        site = load_site(stand.folder / "site")
        tell(f"{len(site.points)} points, {len(site.rules)} rules, {len(stand.devices)} connections")
        with stand.null_endpoint() as port:
            null_messages = stand.saturate(port, 1, MOST_SINGLE).per_second
            tell(f"nothing behind it, 1 sample a message: {null_messages:,.0f} messages/s")
            null_samples = 50 * stand.saturate(port, 50, MOST_FULL).per_second
            tell(f"nothing behind it, 50 samples a message: {null_samples:,.0f} samples/s")
        with stand.gateway("messages") as gateway:
            messages = _saturate(stand, gateway, 1, MOST_SINGLE)
            tell(f"whole way, 1 sample a message: {messages:,.0f} messages/s")
            memory = gateway.memory()
        with stand.gateway("samples") as gateway:
            samples = 50 * _saturate(stand, gateway, 50, MOST_FULL)
            tell(f"whole way, 50 samples a message: {samples:,.0f} samples/s")
        with stand.gateway("latency") as gateway:
            latency = stand.offer(gateway.port, 50, OFFERED_SAMPLES / 50)
            gateway.compare(50 * latency.acknowledged_in_all)
            tell(f"latency at {OFFERED_SAMPLES:,} samples/s, 50 a message: {latency.latency_ms} ms")
            conditions = int(gateway.figure("hazardwatch_condition_changes_total"))
        with stand.gateway("latency-single") as gateway:
            single = stand.offer(gateway.port, 1, SINGLE_MESSAGES)
            gateway.compare(single.acknowledged_in_all)
            tell(f"latency at {SINGLE_MESSAGES:,} samples/s, 1 a message: {single.latency_ms} ms")
        kernels = measure(site, seconds)
        tell(f"engine alone: {kernels.judgements_per_s:,.0f} judgements/s")
    return Figures(
        messages_per_s=round(messages),
        samples_per_s=round(samples),
        latency_ms=latency.latency_ms,
        latency_single_ms=single.latency_ms,
        judgements_per_s=round(kernels.judgements_per_s),
        bytes_per_point=round(kernels.bytes_per_point),
        memory_mib=memory >> 20,
        ratio_messages=round(messages / null_messages, 3),
        ratio_samples=round(samples / null_samples, 3),
        null_messages_per_s=round(null_messages),
        null_samples_per_s=round(null_samples),
        conditions=conditions,
        late_sends=latency.late_sends + single.late_sends,
        points=len(site.points),
        rules=len(site.rules),
        cores=os.cpu_count() or 1,
    )


def _saturate(stand: Stand, gateway: RealGateway, samples_per_message: int, most_per_s: int) -> float:
    load = stand.saturate(gateway.port, samples_per_message, most_per_s)
    gateway.compare(samples_per_message * load.sent)
    return load.per_second


def main(*, seconds: float, points: int, folder: Path, as_json: bool) -> None:
    """Print progress to standard error and the figures to standard output. Raises BenchFailed, OSError."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))  # clean up as after Ctrl-C
    figures = run(seconds, points, folder, lambda line: print(line, file=sys.stderr, flush=True))
    if as_json:
        print(msgspec.json.encode(figures).decode())
        return
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name:22} {value}")
