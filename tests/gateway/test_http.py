"""The gateway's HTTP side and its command line for quarantine, against a running gateway."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.journal_reader import JournalReader
from gateway.metrics import Metrics
from tests.gateway.plant import POINTS, T0, make_folder
from tests.gateway.processes import Gateway, publishing, started, wait_until

pytestmark = pytest.mark.slow

T0_MS = T0 // 1_000_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with started(Gateway(tmp_path_factory.mktemp("gateway"))) as gateway:
        yield gateway


def command(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hazardwatch", "quarantine", *arguments, "--data", str(gateway.data)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )


def get(gateway: Gateway, path: str, **query: object) -> httpx.Response:
    return gateway.client.get(path, params=query, headers=gateway.token)


def problem(answer: httpx.Response, status: int) -> str:
    """The detail of a refusal, which is always a problem document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    return body["detail"]


def test_health_is_open_and_well(gateway: Gateway) -> None:
    answer = gateway.client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "troubles": {}})


def test_every_figure_appears(gateway: Gateway) -> None:
    text = gateway.client.get("/metrics").text
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    for metric in Metrics().registry.collect():
        name = metric.name + ("_total" if metric.type == "counter" else "")
        assert name in shown, name
    assert gateway.metric("batches_total") >= 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/history/E001/LT1?start=0&end=1"),
        ("GET", "/quarantine"),
        ("GET", "/quarantine/1"),
        ("GET", "/unknown-tags"),
        ("GET", "/status"),
        ("POST", "/quarantine/1/retry"),
        ("POST", "/reset"),
    ],
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_the_token_nothing_is_shown(
    gateway: Gateway, method: str, path: str, header: dict[str, str]
) -> None:
    assert "token" in problem(gateway.client.request(method, path, headers=header), 401)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start": 5, "end": 5},
        {"start": 6, "end": 5},
        {"start": "yesterday", "end": 5},
        {"start": 0, "end": 2**70},
        {"start": 0, "end": 1, "max_points": 1},
        {"start": 0, "end": 1, "max_points": 10**9},
    ],
    ids=str,
)
def test_trend_with_an_impossible_question_is_refused(gateway: Gateway, query: dict[str, object]) -> None:
    assert problem(get(gateway, "/history/E001/LT1", **query), 422)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": -1}, {"limit": 10**6}, {"after": 2**64}], ids=str)
def test_quarantine_cannot_be_asked_for_more_than_its_page(gateway: Gateway, query: dict[str, int]) -> None:
    assert problem(get(gateway, "/quarantine", **query), 422)


@pytest.mark.parametrize("row", [999_999, 2**70])
def test_row_that_is_not_there_is_not_found(gateway: Gateway, row: int) -> None:
    assert str(row) in problem(get(gateway, f"/quarantine/{row}"), 404)
    assert problem(gateway.client.post(f"/quarantine/{row}/retry", headers=gateway.token), 404)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"rules": "x"}', b'{"rules": [1]}'])
def test_reset_that_cannot_be_read_is_refused(gateway: Gateway, body: bytes) -> None:
    assert "rules" in problem(gateway.client.post("/reset", content=body, headers=gateway.token), 422)


def reset(gateway: Gateway, *rules: str) -> dict[str, list[str]]:
    answer = gateway.client.post("/reset", json={"rules": rules}, headers=gateway.token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_latched_condition_is_reset_over_http(gateway: Gateway) -> None:
    with publishing(gateway) as device:
        device.publish(json.dumps({"t": T0_MS, "v": {"LT1": 11.5}}))
        device.until_acknowledged()
        early = reset(gateway, "E001/LT1.HH", "E001/NO.SUCH", "E001/PT1.H")
        device.publish(json.dumps({"t": T0_MS + 1, "v": {"LT1": 5.0}}))
        device.until_acknowledged()
    assert early == {
        "reset": [],
        "still_true": ["E001/LT1.HH"],
        "over": ["E001/PT1.H"],
        "unknown": ["E001/NO.SUCH"],
    }
    wanted = {"reset": ["E001/LT1.HH"], "still_true": [], "over": [], "unknown": []}
    assert reset(gateway, "E001/LT1.HH") == wanted
    reader = JournalReader(gateway.journal)
    ended = reader.changes_after(0, 1000)[-1]
    reader.close()
    assert (ended.rule, ended.cause) == ("E001/LT1.HH", "reset"), "the answer came before the commit"
    assert gateway.metric("resets_refused_total") == 1


def test_trend_shows_what_was_published_with_gaps_for_bad_samples(gateway: Gateway) -> None:
    with publishing(gateway) as device:
        for k, (value, quality) in enumerate([(20.0, "good"), (21.0, "bad_sensor_failure"), (22.0, "good")]):
            device.publish(json.dumps({"t": T0_MS + k, "v": {"PT1": value}, "q": {"PT1": quality}}))
        device.until_acknowledged()

    def series() -> dict[str, list[float]] | None:
        body = get(gateway, "/history/E001/PT1", start=T0, end=T0 + 10**9).raise_for_status().json()
        return body if len(body["value"]) == 3 else None

    body = wait_until(series, "history to have it")
    assert body["source_time"] == [T0, T0 + 1_000_000, T0 + 2_000_000]
    assert body["value"][::2] == [20.0, 22.0]
    assert body["quality"] == [0, 0x82, 0]


def test_quarantine_is_listed_shown_and_retried_once_the_register_knows_the_tag(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    message = json.dumps({"t": T0_MS, "v": {"NEW1": 3.5, "LT1": 5.0}})
    with started(gateway), publishing(gateway) as device:
        device.publish(message)
        device.publish('{"t": 1, "v": {"LT1": "high"}}')
        device.publish("\x00\x01 not json")
        device.until_acknowledged()
        assert gateway.metric("quarantined_total") == 3
        first, second, third = get(gateway, "/quarantine").json()
        assert (first["device"], first["tags"], first["payload"]) == ("E001/GW1", ["NEW1"], message)
        assert "NEW1" in first["reason"]
        assert [row["id"] for row in get(gateway, "/quarantine", after=first["id"], limit=1).json()] == [
            second["id"]
        ]
        assert get(gateway, "/quarantine", device="E001/OTHER").json() == []
        newest = get(gateway, "/quarantine", before=third["id"], limit=2).json()
        assert [row["id"] for row in newest] == [second["id"], first["id"]]
        assert len(get(gateway, "/quarantine", before=1 << 62, enterprise="E001").json()) == 3
        assert get(gateway, "/quarantine", before=1 << 62, enterprise="E002").json() == []
        (unknown,) = get(gateway, "/unknown-tags").json()
        assert (unknown["device"], unknown["tag"], unknown["last_value"]) == ("E001/GW1", "NEW1", 3.5)
        assert unknown["times"] >= 1
        assert get(gateway, f"/quarantine/{third['id']}").json() == third

        listed = command(gateway, "list", "--json")
        assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == [
            row["id"] for row in (first, second, third)
        ]
        assert "NEW1" in command(gateway, "list").stdout
        shown = command(gateway, "show", str(first["id"]))
        assert (shown.returncode, shown.stdout.splitlines()[-1]) == (0, message)
        missing = command(gateway, "show", "99")
        assert (missing.returncode, "no row 99" in missing.stderr) == (1, True)

        too_early = command(gateway, "retry", str(first["id"]), "--gateway-url", gateway.url)
        assert (too_early.returncode, "NEW1" in too_early.stdout) == (1, True)
        gateway.terminate()
        not_running = command(gateway, "retry", "1", "--gateway-url", gateway.url)
        assert (not_running.returncode, "start it first" in not_running.stderr) == (1, True)

        new = "tag: NEW1, quantity: other, engineering_unit: ppm, range_low: 0, range_high: 9, gateway: GW1"
        make_folder(gateway.site, [*POINTS, new])
        gateway.start()
        late = gateway.metric("samples_late_total")
        done = command(gateway, "retry", str(first["id"]), "--gateway-url", gateway.url)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 samples taken" in done.stdout
        # LT1 was taken the first time: now it is a duplicate, and judged no more.
        assert gateway.metric("samples_late_total") == late + 1
        assert get(gateway, f"/quarantine/{first['id']}").json()["retried_time"] > 0
        assert get(gateway, f"/quarantine/{second['id']}").json()["retried_time"] is None
        wait_until(
            lambda: get(gateway, "/history/E001/NEW1", start=0, end=2**62).json()["value"] == [3.5],
            "the retried sample in history",
        )
        again = command(gateway, "retry", str(third["id"]), "--gateway-url", gateway.url)
        assert again.returncode == 1
        gateway.terminate()


def test_health_names_the_part_that_does_not_work(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, alert_service_url="http://127.0.0.1:9")
    with started(gateway), publishing(gateway) as device:
        device.publish(json.dumps({"t": T0_MS, "v": {"LT1": 11.5}}))
        device.until_acknowledged()

        def reason() -> str:
            return gateway.client.get("/health").json()["troubles"].get("alert service", "")

        assert "Connect" in wait_until(reason, "the failing delivery to be noticed")
        assert gateway.client.get("/health").status_code == 503
        assert gateway.metric("changes_undelivered") >= 1
        gateway.terminate()
