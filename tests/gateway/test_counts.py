"""`GET /counts` of a running gateway: samples of each point of the register, and when it refuses."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.plant import T0
from tests.gateway.processes import Gateway, publishing, started, wait_until

pytestmark = pytest.mark.slow

HOUR = 3_600_000_000_000
T0_MS = T0 // 1_000_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with started(Gateway(tmp_path_factory.mktemp("gateway"))) as gateway:
        yield gateway


def counts(gateway: Gateway, **query: object) -> httpx.Response:
    return gateway.client.get("/counts", params=query, headers=gateway.token)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start": 5, "end": 5},
        {"start": 6, "end": 5},
        {"start": 0, "end": 25 * HOUR},
        {"start": "x", "end": 5},
    ],
)
def test_a_span_that_cannot_be_counted_is_refused(gateway: Gateway, query: dict[str, object]) -> None:
    assert counts(gateway, **query).status_code == 422


def test_without_the_token_nothing_is_counted(gateway: Gateway) -> None:
    assert gateway.client.get("/counts", params={"start": 0, "end": 5}).status_code == 401


def test_every_point_of_the_register_has_a_count_also_a_silent_one(gateway: Gateway) -> None:
    with publishing(gateway) as device:
        for k, quality in enumerate(["good", "bad_sensor_failure", "good"]):
            device.publish(json.dumps({"t": T0_MS + k, "v": {"PT1": 20.0}, "q": {"PT1": quality}}))
        device.until_acknowledged()

    def found() -> dict[str, tuple[int, int]]:
        body = counts(gateway, start=T0, end=T0 + HOUR).raise_for_status().json()
        rows = zip(body["point"], body["received"], body["good"], strict=True)
        return {point: (received, good) for point, received, good in rows}

    wait_until(lambda: found()["E001/PT1"][0] == 3, "history to have the samples")
    assert found() == {
        "E001/LT1": (0, 0),
        "E001/PT1": (3, 2),
        "E001/TT1": (0, 0),
        "E001/FT1": (0, 0),
    }


def test_a_compressed_history_gives_no_counts(tmp_path: Path) -> None:
    compression = json.dumps({"pressure": {"method": "swinging_door", "deviation_percent": 0.5}})
    with started(Gateway(tmp_path, history_compression=compression)) as gateway:
        answer = counts(gateway, start=T0, end=T0 + HOUR)
        assert answer.status_code == 409
        assert "compressed" in answer.json()["detail"]
