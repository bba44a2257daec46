"""Compile every kernel of the gateway before the doors open, or load it from the cache on disk.

A kernel compiled at the first sample would hold that sample back for seconds.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from detectors.catalogue import compile_all
from gateway.codecs import json_kernel
from gateway.history.compression import CompressionRule, Compressor
from gateway.history.embedded import EmbeddedHistory
from gateway.history.port import HistoryColumns
from gateway.mqtt import wire
from gateway.points import make_instruments, make_latest, settle
from gateway.samples import NO_SAMPLES

Progress = Callable[[str, int, int], None]
"""(name, number, of): what is made ready now, the first of them number 1."""


def warm_up(progress: Progress) -> None:
    """Make every kernel ready; the first time takes about a minute, later ones a second or two."""

    others = (("MQTT", _wire), ("JSON", _json), ("samples", _points), ("history", _history))
    kinds = 0

    def detector(name: str, number: int, total: int) -> None:
        nonlocal kinds
        kinds = total
        progress(name, number, total + len(others))

    compile_all(detector)
    for number, (name, ready) in enumerate(others, kinds + 1):
        progress(name, number, kinds + len(others))
        ready()


_PACKET = b"\x32\x10\x00\x01d\x00\x01" + b'{"v":{"a":1}}'[:9]


def _wire() -> None:
    frames = np.zeros((1, wire.FIELDS), np.int64)
    readonly = np.frombuffer(_PACKET, np.uint8)
    topic = np.frombuffer(b"d", np.uint8)
    wire.scan(readonly, 4, 1024, topic, np.full(1, -1, np.int8), frames)
    wire.acknowledgements(frames, 1, np.zeros(wire.ACK_SIZE, np.uint8))


def _json() -> None:
    table = json_kernel.make_table({"a": 0})
    out = json_kernel.Columns(np.zeros(8, np.int32), np.zeros(8, np.int64), np.zeros(8))
    frames = np.zeros((1, wire.FIELDS), np.int64)
    readonly = np.frombuffer(_PACKET, np.uint8)
    json_kernel.decode(readonly, frames, 1, 1, 1024, table, 0, out, np.zeros((1, 2), np.int64))


def _history() -> None:
    """A history of its own, written, thinned and read: its kernels, pandas behind pyarrow, and DuckDB would
    otherwise be made ready by the first real write, with the interpreter lock held for seconds."""
    few = np.arange(8)
    columns = HistoryColumns(
        (few % 2).astype(np.int32), few, few.astype(np.float64), np.zeros(8, np.uint8), ("a", "b")
    )
    rule = CompressionRule("swinging_door", 0.1, 600.0)
    with tempfile.TemporaryDirectory(prefix="hazardwatch-warm-up-") as folder:
        history = EmbeddedHistory(Path(folder))
        history.write(Compressor({"a": rule, "b": rule}).take(columns, 1, 8))
        history.read("a", 0, 8, 2)
        history.close()


def _points() -> None:
    settle(NO_SAMPLES, 0, 0, True, make_instruments([], [], 1), make_latest(1), np.zeros(0, np.bool_))
