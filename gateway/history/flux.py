"""Flux queries as text, and their answers (annotated CSV) as columns."""

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

GOOD = 64
"""The first quality that is not GOOD; samples without a value have `lines.NO_VALUE` added."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\$]')
"""`$` begins an interpolation, so it is escaped like the rest."""


def text(value: str) -> str:
    """A string literal that means exactly `value`."""
    return '"' + _UNSAFE.sub(lambda match: f"\\x{ord(match.group()):02x}", value) + '"'


def instant(time: int) -> str:
    """A time literal of ns UTC."""
    return f"{np.datetime64(time, 'ns')}Z"


class FluxError(Exception):
    """An answer that is none: the server's words about a query that failed after it had begun to
    answer, or columns of another type than the gateway writes."""


class Question:
    """Queries about one point in [start, end)."""

    def __init__(self, bucket: str, measurement: str, point: str) -> None:
        self._bucket, self._measurement, self._point = bucket, measurement, point

    def _data(self, start: int, end: int) -> str:
        return (
            f"data = from(bucket: {text(self._bucket)})\n"
            f"  |> range(start: {instant(start)}, stop: {instant(end)})\n"
            f"  |> filter(fn: (r) => r._measurement == {text(self._measurement)}"
            f" and r.point == {text(self._point)})\n"
            'value = data |> filter(fn: (r) => r._field == "value")\n'
            'quality = data |> filter(fn: (r) => r._field == "quality")\n'
        )

    def count(self, start: int, end: int) -> str:
        """Yields `count`: how many samples there are."""
        counted = 'quality |> count() |> keep(columns: ["_value"]) |> group() |> yield(name: "count")\n'
        return self._data(start, end) + counted

    def samples(self, start: int, end: int) -> str:
        """Yields `value` and `quality`, all of them."""
        return self._data(start, end) + "".join(
            f'{field} |> keep(columns: ["_time", "_value"]) |> group() |> yield(name: "{field}")\n'
            for field in ("value", "quality")
        )

    def extremes(self, start: int, end: int, width: int, offset: int) -> str:
        """Yields, for each bucket of `width` ns (its edges modulo `width` being `offset`), `low` and
        `high`: the first sample that holds the minimum, the maximum of `value`; and `odd`: the first
        that is not GOOD."""
        window = f"window(every: {width}ns, offset: {offset}ns)"
        last = '|> keep(columns: ["_time", "_value"]) |> group() |> yield'
        return self._data(start, end) + (
            f'value |> {window} |> min() {last}(name: "low")\n'
            f'value |> {window} |> max() {last}(name: "high")\n'
            f'quality |> filter(fn: (r) => r._value != 0) |> {window} |> first() {last}(name: "odd")\n'
        )


def counts(bucket: str, measurement: str, start: int, end: int) -> str:
    """Yields `received` and `good`: how many samples each point has in [start, end).

    InfluxDB 1.8 gives a sample at `end` too: it is left out by its time.
    """
    return (
        f"data = from(bucket: {text(bucket)})\n"
        f"  |> range(start: {instant(start)}, stop: {instant(end)})\n"
        f"  |> filter(fn: (r) => r._measurement == {text(measurement)}"
        f' and r._field == "quality" and r._time < {instant(end)})\n'
    ) + "".join(
        f'{data} |> group(columns: ["point"]) |> count()'
        f' |> keep(columns: ["point", "_value"]) |> group() |> yield(name: "{name}")\n'
        for name, data in (("received", "data"), ("good", f"data |> filter(fn: (r) => r._value < {GOOD})"))
    )


def all_samples(bucket: str, measurement: str, start: int, end: int, points: Collection[str] | None) -> str:
    """Yields `value` and `quality` of every point, or of these, in [start, end)."""
    chosen = "" if points is None else f" and contains(value: r.point, set: [{', '.join(map(text, points))}])"
    return (
        f"data = from(bucket: {text(bucket)})\n"
        f"  |> range(start: {instant(start)}, stop: {instant(end)})\n"
        f"  |> filter(fn: (r) => r._measurement == {text(measurement)}"
        f" and r._time < {instant(end)}{chosen})\n"
    ) + "".join(
        f'data |> filter(fn: (r) => r._field == "{field}")'
        f' |> keep(columns: ["point", "_time", "_value"]) |> group() |> yield(name: "{field}")\n'
        for field in ("value", "quality")
    )


def parse(body: bytes) -> dict[str, pa.Table]:
    """Each yield's rows by its name; yields without rows are missing. Raises FluxError."""
    tables: dict[str, list[pa.Table]] = {}
    for block in map(bytes.strip, body.replace(b"\r\n", b"\n").split(b"\n\n")):
        if not block:
            continue
        lines = block.split(b"\n", 4)
        header = next((line for line in lines if not line.startswith(b"#")), b"")
        if header.startswith((b",error", b"error")):
            raise FluxError(
                block[block.find(header) + len(header) :].decode("utf-8", "replace").strip(" ,\n")
            )
        default = next((line for line in lines if line.startswith(b"#default")), b"#default,")
        name = default.split(b",")[1].decode()
        data = block[block.find(b"\n" + header) + 1 :]
        tables.setdefault(name, []).append(_table(data))
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}


def _table(data: bytes) -> pa.Table:
    try:
        return pc.read_csv(
            pa.BufferReader(data),
            convert_options=pc.ConvertOptions(
                column_types={"_time": pa.timestamp("ns", tz="UTC"), "point": pa.string()},
                timestamp_parsers=[pc.ISO8601],
            ),
        )
    except pa.ArrowInvalid as error:
        raise FluxError(f"the answer is not the CSV of a query: {error}") from error


def times(table: pa.Table | None) -> Int64:
    """Column `_time` in ns UTC."""
    if table is None:
        return np.empty(0, np.int64)
    column: Int64 = table.column("_time").combine_chunks().view(pa.int64()).to_numpy()
    return column


def by_point(table: pa.Table | None) -> dict[str, int]:
    """Column `_value` by column `point`."""
    if table is None:
        return {}
    points = table.column("point").cast(pa.string()).to_pylist()
    return dict(zip(points, integers(table).tolist(), strict=True))


def names(table: pa.Table | None) -> pa.Array:
    """Column `point` as text."""
    if table is None:
        return pa.array([], pa.string())
    return table.column("point").combine_chunks()


def floats(table: pa.Table | None) -> Float64:
    """Column `_value` as numbers."""
    column: Float64 = np.empty(0) if table is None else _values(table, pa.float64())
    return column


def integers(table: pa.Table | None) -> Int64:
    """Column `_value` as integers."""
    column: Int64 = np.empty(0, np.int64) if table is None else _values(table, pa.int64())
    return column


def _values(table: pa.Table, kind: pa.DataType) -> Any:
    try:
        return table.column("_value").cast(kind).combine_chunks().to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise FluxError(f"a field is not of the type that the gateway writes: {error}") from error
