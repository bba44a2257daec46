"""Filters of the list of points: by place, by words, and by how a point is doing now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alarm_rules.condition import PointValue, ValueDelivery
from tests.api.plant import SECOND, T0
from tests.api.serving import Api, running_api
from tests.auth.accounts import Accounts, client, of
from tests.register.plants import yard


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> int:
        return self.now


CLOCK = Clock()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, httpx.Client]]:
    folder: Path = tmp_path_factory.mktemp("filters")
    with Accounts(folder / "data", T0) as accounts:
        token = accounts.login(accounts.user("own", "viewer", grant=of("yard")))
    with running_api(folder / "data", site=yard(folder / "site"), clock=CLOCK) as api:
        own = client(api, token)
        yield api, own
        own.close()


@pytest.fixture
def api(running: tuple[Api, httpx.Client]) -> Api:
    """Level good, temperature bad, the rest never heard of; all as of T0."""
    CLOCK.now = T0
    rows = [
        PointValue("yard/TK1.LT1", T0, 9.0, "good"),
        PointValue("yard/TK1.TT1", T0, None, "bad_sensor_failure"),
    ]
    delivery = ValueDelivery(gateway="gw1", journal="j1", sent_time=T0, complete=True, values=rows)
    assert running[0].post("/intake/values", delivery).status_code == 200
    return running[0]


def tags(who: httpx.Client, **query: Any) -> list[str]:
    answer = who.get("/points", params=query)
    assert answer.status_code == 200, answer.text
    return [point["tag"] for point in answer.json()["points"]]


def test_points_are_found_by_place(api: Api) -> None:
    assert tags(api.person, enterprise="other") == ["V1.PT1"]
    assert tags(api.person, unit=["GA1", "U1"]) == ["GA1.GD1", "GA1.GD2", "V1.PT1"]
    assert tags(api.person, enterprise="yard", installation="H02") == []


def test_points_are_found_by_quantity_and_words(api: Api) -> None:
    assert tags(api.person, quantity="level") == ["TK1.LT1"]
    assert tags(api.person, text="甲烷 东侧") == ["GA1.GD1"]
    assert tags(api.person, text="甲醇储罐") == ["TK1.LT1", "TK1.TT1"]
    assert tags(api.person, text="tk1.lt") == ["TK1.LT1"]


def test_points_are_found_by_how_they_are_doing(api: Api) -> None:
    assert tags(api.person, state="good") == ["TK1.LT1"]
    assert tags(api.person, state="bad") == ["TK1.TT1"]
    assert tags(api.person, state="never") == ["GA1.GD1", "V1.PT1"]
    assert tags(api.person, state="out_of_service") == ["GA1.GD2"]


def test_point_without_a_sample_for_longer_than_its_stale_rule_allows_is_silent(api: Api) -> None:
    # The pack `instrument` waits for three and a half periods of 10 s.
    CLOCK.now = T0 + 35 * SECOND
    assert tags(api.person, state="silent") == []
    CLOCK.now = T0 + 36 * SECOND
    assert tags(api.person, state="silent") == ["TK1.LT1", "TK1.TT1"]


def test_filtered_pages_go_on_in_the_order_of_the_register(api: Api) -> None:
    query: dict[str, Any] = {"state": ["good", "never"], "limit": 1}
    seen: list[str] = []
    while True:
        page = api.person.get("/points", params=query).json()
        seen += [point["tag"] for point in page["points"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == ["TK1.LT1", "GA1.GD1", "V1.PT1"]


def test_filters_find_nothing_out_of_sight(running: tuple[Api, httpx.Client], api: Api) -> None:
    assert tags(running[1], enterprise="other") == []
    assert tags(running[1], state="never") == ["GA1.GD1"]


def test_summary_counts_each_state_once(running: tuple[Api, httpx.Client], api: Api) -> None:
    CLOCK.now = T0 + 10 * SECOND
    (own,) = running[1].get("/points/summary").json()["installations"]
    assert own == {
        "enterprise": "yard", "installation": "H01", "points": 4,
        "good": 1, "uncertain": 0, "bad": 1, "silent": 0, "never": 1, "out_of_service": 1,
    }  # fmt: skip
    assert len(api.person.get("/points/summary").json()["installations"]) == 2


def test_unknown_state_and_quantity_are_refused(api: Api) -> None:
    assert api.person.get("/points", params={"state": "asleep"}).status_code == 422
    assert api.person.get("/points", params={"quantity": "smell"}).status_code == 422
