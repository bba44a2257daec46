"""History in InfluxDB 2 (and 1.8 through its v2 addresses), for sites that have it and Grafana.

Written synchronously: the client's batching mode loses data in an outage without a word. Needs no
database of its own beside it; retention is the bucket's. Without InfluxDB use `embedded`.

What a refusal means:

| answer | meaning |
|---|---|
| 204 | written |
| 400, 413, 422 from InfluxDB itself | some line is at fault: halved until the guilty stand alone |
| 401, 403, 404, redirections, any other 2xx or 4xx | token, bucket or address: a person is needed |
| 408, 429, 5xx, time-out, broken connection | later; Retry-After is passed on |
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import urllib3
from influxdb_client import InfluxDBClient, WritePrecision
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.write_api import SYNCHRONOUS

from gateway.history import flux
from gateway.history.blocks import FIRST_TIME, LAST_TIME, keep, reject, without_impossible_times
from gateway.history.downsampling import EMPTY, Thinner, bucket_width
from gateway.history.influx_answers import Refused, judge, unavailable, unreachable
from gateway.history.influx_scan import joined
from gateway.history.lines import NO_INFINITY, NO_VALUE, format_lines, measurement_text, refusal
from gateway.history.ordering import NameOrder, Rows, sort_rows
from gateway.history.port import Counts, HistoryColumns, HistoryUnavailable, RejectedSample, Series

LINES_A_REQUEST = 10_000
RAW_SAMPLES_A_QUERY = 200_000
WRITTEN = 204


class InfluxHistory:
    """A `History` in one bucket. Connects at the first use, not when it is made.

    Tag `point`; fields `value` (float) and `quality` (integer, `lines.NO_VALUE` added when no value
    came); nanoseconds. `org` and `token` are ignored by InfluxDB 1.8 without authentication.
    """

    def __init__(
        self,
        url: str,
        token: str,
        org: str,
        bucket: str,
        *,
        measurement: str = "hazardwatch",
        timeout_s: float = 10.0,
        gzip: bool = False,
        verify_ssl: bool = True,
        ssl_ca_cert: str | None = None,
    ) -> None:
        measurement_text(measurement)
        self._url, self._bucket, self._measurement = url, bucket, measurement
        # Two clients: the writer looks at its client's last response, which a reader must not change.
        self._writer, self._reader = (
            InfluxDBClient(
                url,
                token,
                org=org,
                timeout=round(timeout_s * 1000),
                enable_gzip=gzip,
                verify_ssl=verify_ssl,
                ssl_ca_cert=ssl_ca_cert,
                retries=False,
            )
            for _ in range(2)
        )
        self._write_api = self._writer.write_api(write_options=SYNCHRONOUS)
        self._ranking = NameOrder()
        self._writing = threading.Lock()
        self.requests = 0
        """Write requests sent, halves of refused ones included."""

    def write(self, columns: HistoryColumns) -> list[RejectedSample]:
        """See `History.write`. A point's samples are sent in rising time; the last of equals wins."""
        columns, rejected = without_impossible_times(columns)
        columns, unwritable = _without_unwritable(columns)
        point, source_time, value, quality, names = columns
        with self._writing:
            rows = sort_rows(names, point, source_time, value, quality, ranking=self._ranking)
            lines = format_lines(rows, self._measurement)
            guilty: list[tuple[int, str]] = []
            for start in range(0, len(lines), LINES_A_REQUEST):
                guilty += self._write_range(lines, start, min(start + LINES_A_REQUEST, len(lines)))
        return rejected + unwritable + [_rejected(rows, index, words) for index, words in guilty]

    def _write_range(self, lines: Sequence[str], start: int, stop: int) -> list[tuple[int, str]]:
        """Write lines[start:stop]; returns the index of each guilty line with the server's words.

        Halves go in order. A request of which the server left out every line is not cut further.
        """
        guilty: list[tuple[int, str]] = []
        waiting = [(start, stop)]
        while waiting:
            begin, end = waiting.pop()
            refused = self._post(lines[begin:end])
            if refused is None:
                continue
            if end - begin == 1 or refused.dropped == end - begin:
                guilty += [(index, refused.words) for index in range(begin, end)]
                continue
            middle = (begin + end) // 2
            waiting += [(middle, end), (begin, middle)]
        return guilty

    def _post(self, lines: Sequence[str]) -> Refused | None:
        """One request. None when written; raises HistoryUnavailable."""
        self.requests += 1
        try:
            self._write_api.write(
                bucket=self._bucket, record="\n".join(lines), write_precision=WritePrecision.NS
            )
        except InfluxDBError as error:
            return judge(error, self._url)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(error, self._url) from error
        status = self._writer.api_client.last_response.status
        if status != WRITTEN:
            raise HistoryUnavailable(
                f"{self._url} answered a write with {status} and not with {WRITTEN}: that is not "
                "InfluxDB; check the address and what stands in between",
                operator_needed=True,
            )
        return None

    def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        """See `History.read`. Buckets in which all is GOOD are thinned by the server; the samples of
        the others are fetched and thinned here."""
        thinner = Thinner(start, end, max_points, always=True)
        first, stop = max(start, FIRST_TIME), min(end, LAST_TIME + 1)
        if first >= stop:
            return EMPTY
        question = flux.Question(self._bucket, self._measurement, point)
        try:
            count = int(flux.integers(self._ask(question.count(first, stop)).get("count")).sum())
            if count <= max_points + 1:  # InfluxDB 1.8 counts a sample at `stop` itself
                samples = self._samples(question, first, stop)
                if samples.source_time.size <= max_points:
                    return samples
            width = bucket_width(start, end, max_points)
            odd = self._feed_extremes(thinner, question, (first, stop), start, width)
            for run in _runs(sorted(odd), max(1, RAW_SAMPLES_A_QUERY * (max_points // 2) // count)):
                begin, after = start + run[0] * width, start + (run[-1] + 1) * width
                thinner.feed(self._samples(question, max(first, begin), min(stop, after)))
        except flux.FluxError as error:
            raise HistoryUnavailable(
                f"InfluxDB at {self._url} gave no usable answer about {point!r}: {error}"
            ) from error
        return thinner.result()

    def count(self, start: int, end: int) -> dict[str, Counts]:
        """See `History.count`."""
        first, stop = max(start, FIRST_TIME), min(end, LAST_TIME + 1)
        if first >= stop:
            return {}
        try:
            answer = self._ask(flux.counts(self._bucket, self._measurement, first, stop))
            received, good = (flux.by_point(answer.get(name)) for name in ("received", "good"))
        except flux.FluxError as error:
            raise HistoryUnavailable(f"InfluxDB at {self._url} gave no usable counts: {error}") from error
        return {point: Counts(number, good.get(point, 0)) for point, number in received.items()}

    def scan(self, start: int, end: int, points: Collection[str] | None = None) -> Iterator[HistoryColumns]:
        """See `History.scan`. Spans are halved until one holds at most RAW_SAMPLES_A_QUERY samples."""
        waiting = [(max(start, FIRST_TIME), min(end, LAST_TIME + 1))]
        chosen = None if points is None else tuple(sorted(points))
        while waiting:
            first, stop = waiting.pop()
            held = sum(each.received for each in self.count(first, stop).values())
            if held > RAW_SAMPLES_A_QUERY and stop - first > 1:
                middle = (first + stop) // 2
                waiting += [(middle, stop), (first, middle)]
            elif held:
                yield from self._piece(first, stop, chosen)

    def _piece(self, start: int, end: int, points: Collection[str] | None) -> Iterator[HistoryColumns]:
        try:
            answer = self._ask(flux.all_samples(self._bucket, self._measurement, start, end, points))
            found = joined(answer)
        except flux.FluxError as error:
            raise HistoryUnavailable(f"InfluxDB at {self._url} gave no usable samples: {error}") from error
        if found.point.size:
            yield found

    def _feed_extremes(
        self, thinner: Thinner, question: flux.Question, window: tuple[int, int], start: int, width: int
    ) -> set[int]:
        """Feed what the server thinned; returns the buckets whose samples have to be fetched: those
        with one that is not GOOD, and the last if InfluxDB 1.8 took the one at the window's end."""
        answer = self._ask(question.extremes(*window, width, start % width))
        stop = window[1]
        extremes = [(flux.times(answer.get(name)), flux.floats(answer.get(name))) for name in ("low", "high")]
        odd = {(min(time, stop - 1) - start) // width for time in flux.times(answer.get("odd")).tolist()}
        if any(bool((time >= stop).any()) for time, _ in extremes):
            odd.add((stop - 1 - start) // width)
        for time, value in extremes:
            good = np.fromiter(
                (t < stop and (t - start) // width not in odd for t in time.tolist()), np.bool_, time.size
            )
            thinner.feed(Series(time[good], value[good], np.zeros(int(good.sum()), np.uint8)))
        return odd

    def _samples(self, question: flux.Question, start: int, end: int) -> Series:
        """All samples of [start, end)."""
        answer = self._ask(question.samples(start, end))
        quality_time, quality = flux.times(answer.get("quality")), flux.integers(answer.get("quality"))
        value_time, number = flux.times(answer.get("value")), flux.floats(answer.get("value"))
        order = np.argsort(quality_time, kind="stable")
        order = order[quality_time[order] < end]  # InfluxDB 1.8 gives a sample at `end` too
        quality_time, quality = quality_time[order], quality[order]
        value = np.full(quality_time.size, np.nan)
        place = np.searchsorted(quality_time, value_time)
        known = place < quality_time.size
        known[known] = quality_time[place[known]] == value_time[known]
        value[place[known]] = number[known]
        value[quality >= NO_VALUE] = np.nan
        return Series(quality_time, value, (quality % NO_VALUE).astype(np.uint8))

    def _ask(self, query: str) -> dict[str, Any]:
        """Yields of a query by name. Raises HistoryUnavailable."""
        try:
            response = self._reader.query_api().query_raw(query)
            try:
                return flux.parse(response.read())
            finally:
                response.release_conn()
        except InfluxDBError as error:
            raise unavailable(error, self._url) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(error, self._url) from error

    def maintain(self, now: int) -> None:
        """Nothing to do: InfluxDB compacts by itself, and the bucket's retention is set there."""

    def close(self) -> None:
        """Close the connections; every write was already answered."""
        for client in (self._writer, self._reader):
            client.close()


def _without_unwritable(columns: HistoryColumns) -> tuple[HistoryColumns, list[RejectedSample]]:
    """Leave out what line protocol cannot say: infinities, and names that it would misread."""
    rejected: list[RejectedSample] = []
    infinite = np.isinf(columns.value)
    if infinite.any():
        rejected += reject(columns, infinite, NO_INFINITY)
        columns = keep(columns, ~infinite)
    used = np.unique(columns.point).tolist()
    reasons = {code: reason for code in used if (reason := refusal(columns.names[code])) is not None}
    for code, reason in reasons.items():
        rejected += reject(columns, columns.point == code, reason)
    if reasons:
        columns = keep(columns, ~np.isin(columns.point, list(reasons)))
    return columns, rejected


def _rejected(rows: Rows, index: int, words: str) -> RejectedSample:
    return RejectedSample(
        rows.names[rows.code[index]],
        int(rows.source_time[index]),
        float(rows.value[index]),
        int(rows.quality[index]),
        words,
    )


def _runs(buckets: Sequence[int], longest: int) -> list[list[int]]:
    """Neighbouring bucket numbers together, at most `longest` of them."""
    runs: list[list[int]] = []
    for bucket in buckets:
        if runs and runs[-1][-1] == bucket - 1 and len(runs[-1]) < longest:
            runs[-1].append(bucket)
        else:
            runs.append([bucket])
    return runs
