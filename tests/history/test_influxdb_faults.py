"""InfluxDB in trouble: what is said to the caller, and that nothing gets lost or doubled."""

import socket

import numpy as np
import pytest

from gateway.history.influxdb import InfluxHistory
from gateway.history.port import HistoryColumns, HistoryUnavailable
from tests.history.fault_proxy import Answer, Drop, DropAnswer, FaultProxy, Hang
from tests.history.influx_server import InfluxServer
from tests.history.samples import HOUR, SECOND, T0, columns, rows

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def bucket(influx_server: InfluxServer) -> str:
    return influx_server.create_database()


@pytest.fixture
def history(proxy: FaultProxy, bucket: str):
    history = InfluxHistory(proxy.url, "token", "-", bucket, timeout_s=2.0)
    yield history
    history.close()


def block(n: int = 100) -> HistoryColumns:
    return columns([(f"e/P{k}", T0 + k * SECOND, float(k), 0) for k in range(n)])


ALL = {f"e/P{k}" for k in range(100)}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_write_refused_for_now_asks_for_another_try(
    proxy: FaultProxy, history: InfluxHistory, status: int
) -> None:
    proxy.faults.append(Answer(status, JSON, b'{"code":"unavailable","message":"the engine is busy"}'))
    with pytest.raises(HistoryUnavailable, match="the engine is busy") as caught:
        history.write(block())
    assert not caught.value.operator_needed
    assert caught.value.retry_after_s is None
    assert history.write(block()) == []


@pytest.mark.parametrize(("wish", "seconds"), [("17", 17.0), ("0", 0.0), ("soon", None), ("-3", None)])
def test_retry_after_is_carried_on(
    proxy: FaultProxy, history: InfluxHistory, wish: str, seconds: float | None
) -> None:
    proxy.faults.append(Answer(429, {"Retry-After": wish}))
    with pytest.raises(HistoryUnavailable) as caught:
        history.write(block())
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "token"), (403, "token"), (404, "bucket"), (301, "address"), (418, "address")],
)
def test_write_refused_for_a_wrong_setting_needs_a_person(
    proxy: FaultProxy, history: InfluxHistory, status: int, remedy: str
) -> None:
    proxy.faults.append(Answer(status, JSON, b'{"code":"unauthorized","message":"unauthorized access"}'))
    with pytest.raises(HistoryUnavailable, match=remedy) as caught:
        history.write(block())
    assert caught.value.operator_needed
    assert proxy.requests == 1, "nothing was bisected"


def test_write_to_a_missing_bucket_needs_a_person(influx_server: InfluxServer) -> None:
    history = InfluxHistory(influx_server.url, "", "-", "nobody_made_this")
    with pytest.raises(HistoryUnavailable, match="not found") as caught:
        history.write(block(1))
    assert caught.value.operator_needed
    history.close()


def test_answer_of_something_else_than_influxdb_needs_a_person(
    proxy: FaultProxy, history: InfluxHistory
) -> None:
    proxy.faults.append(Answer(200, {"Content-Type": "text/html"}, b"<html>please log in</html>"))
    with pytest.raises(HistoryUnavailable, match="not InfluxDB") as caught:
        history.write(block())
    assert caught.value.operator_needed


def test_refusal_by_something_in_between_condemns_no_sample(
    proxy: FaultProxy, history: InfluxHistory
) -> None:
    page = b"<html>400 The plain HTTP request was sent to HTTPS port</html>"
    proxy.faults.append(Answer(400, {"Content-Type": "text/html"}, page))
    with pytest.raises(HistoryUnavailable, match="HTTPS port") as caught:
        history.write(block())
    assert caught.value.operator_needed
    assert proxy.requests == 1


def test_hanging_server_is_given_up(proxy: FaultProxy, bucket: str) -> None:
    history = InfluxHistory(proxy.url, "", "-", bucket, timeout_s=0.2)
    proxy.faults.append(Hang())
    with pytest.raises(HistoryUnavailable, match="cannot be reached") as caught:
        history.write(block())
    assert not caught.value.operator_needed
    history.close()


def test_dropped_connection_asks_for_another_try(
    influx_server: InfluxServer, proxy: FaultProxy, bucket: str, history: InfluxHistory
) -> None:
    proxy.faults.append(Drop())
    with pytest.raises(HistoryUnavailable, match="cannot be reached"):
        history.write(block())
    assert history.write(block()) == []
    assert influx_server.points(bucket) == ALL


def test_lost_answer_and_another_try_double_nothing(proxy: FaultProxy, history: InfluxHistory) -> None:
    samples = columns([("e/P", T0 + k * SECOND, float(k), 0) for k in range(100)])
    proxy.faults.append(DropAnswer())
    with pytest.raises(HistoryUnavailable):
        history.write(samples)
    assert history.write(samples) == []
    assert history.read("e/P", T0, T0 + HOUR, 1000).value.tolist() == list(range(100))


def test_refused_port_asks_for_another_try() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        history = InfluxHistory(f"http://127.0.0.1:{unused.getsockname()[1]}", "", "-", "b", timeout_s=1)
        with pytest.raises(HistoryUnavailable) as caught:
            history.write(block(1))
        assert not caught.value.operator_needed
        with pytest.raises(HistoryUnavailable):
            history.read("e/P0", T0, T0 + 1, 10)
        history.close()


def test_type_conflict_rejects_exactly_the_guilty_samples(
    influx_server: InfluxServer, bucket: str, history: InfluxHistory
) -> None:
    # InfluxDB fixes a field's type for each shard, one week: text in the week before makes it a
    # conflict for the samples of that week alone.
    week = 7 * 24 * HOUR
    influx_server.write_lines(bucket, f'hazardwatch,point=other value="text" {T0 - week}')
    guilty = {13, 14, 77}
    samples = [(f"e/P{k}", T0 + k - (week if k in guilty else 0), float(k), k) for k in range(100)]
    rejected = history.write(columns(samples))
    assert [(each.point, each.source_time, each.value, each.quality) for each in rejected] == [
        samples[k] for k in sorted(guilty)
    ]
    assert all("field type conflict" in each.reason for each in rejected)
    assert influx_server.points(bucket) - {"other"} == ALL - {f"e/P{k}" for k in guilty}


def test_block_of_guilty_samples_alone_is_not_cut_into_single_lines(
    influx_server: InfluxServer, proxy: FaultProxy, bucket: str, history: InfluxHistory
) -> None:
    influx_server.write_lines(bucket, f'hazardwatch,point=other value="text" {T0}')
    assert len(history.write(block(1000))) == 1000
    assert proxy.requests == 1


def test_too_large_requests_are_halved(
    influx_server: InfluxServer, proxy: FaultProxy, bucket: str, history: InfluxHistory
) -> None:
    proxy.faults.extend([Answer(413), Answer(413)])
    assert history.write(block()) == []
    assert proxy.requests == 5
    assert influx_server.points(bucket) == ALL


def test_outage_while_bisecting_rejects_nothing(
    influx_server: InfluxServer, proxy: FaultProxy, bucket: str, history: InfluxHistory
) -> None:
    week = 7 * 24 * HOUR
    influx_server.write_lines(bucket, f'hazardwatch,point=other value="text" {T0 - week}')
    samples = columns([(f"e/P{k}", T0 - (week if k == 50 else 0), 1.0, 0) for k in range(100)])
    proxy.faults.extend([None, None, None, Answer(503)])
    with pytest.raises(HistoryUnavailable):
        history.write(samples)
    assert [each.point for each in history.write(samples)] == ["e/P50"]


@pytest.mark.parametrize(
    ("point", "value", "words"),
    [
        ("ends with\\", 1.0, "backslash"),
        ("back\\,slash", 1.0, "backslash"),
        ("two\nlines", 1.0, "control character"),
        ("", 1.0, "empty"),
        ("e/inf", np.inf, "infinite"),
        ("e/inf", -np.inf, "infinite"),
    ],
)
def test_sample_that_line_protocol_cannot_say_is_rejected_alone(
    influx_server: InfluxServer, bucket: str, history: InfluxHistory, point: str, value: float, words: str
) -> None:
    rejected = history.write(columns([("e/P0", T0, 1.0, 0), (point, T0, value, 3), ("e/P1", T0, 2.0, 0)]))
    assert [each[:4] for each in rejected] == [(point, T0, value, 3)]
    assert words in rejected[0].reason
    assert influx_server.points(bucket) == {"e/P0", "e/P1"}


def test_read_of_a_measurement_with_other_fields_fails_readably(
    influx_server: InfluxServer, bucket: str, history: InfluxHistory
) -> None:
    influx_server.write_lines(bucket, f'hazardwatch,point=e/P value="text",quality=0i {T0}')
    with pytest.raises(HistoryUnavailable):
        history.read("e/P", T0, T0 + 1, 10)


@pytest.mark.parametrize("name", ["", "_system", "#x", "a\nb", "a\\"])
def test_unusable_measurement_is_refused_at_the_door(name: str) -> None:
    with pytest.raises(ValueError, match="measurement"):
        InfluxHistory("http://127.0.0.1:1", "", "-", "b", measurement=name)


@pytest.mark.parametrize("gzip", [False, True])
def test_measurement_with_separators_and_gzip_is_written(
    influx_server: InfluxServer, bucket: str, gzip: bool
) -> None:
    history = InfluxHistory(influx_server.url, "", "-", bucket, measurement="a b,c", gzip=gzip)
    history.write(columns([("天津/一", T0, 1.0, 0)]))
    assert rows(history.read("天津/一", T0, T0 + 1, 10)) == [(T0, 1.0, 0)]
    history.close()
