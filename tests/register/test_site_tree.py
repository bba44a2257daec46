"""The register as a tree: what stands where, in whose sight, and who sees telephone numbers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from alarm_rules.model import Installation, Point
from api.register.places import Spot, metres_from, spot_of
from tests.api.serving import running_api
from tests.auth.accounts import Accounts, client, of
from tests.register.plants import yard


class Seen(NamedTuple):
    """Persons who look at the same service."""

    everybody: httpx.Client
    yard_only: httpx.Client
    wall: httpx.Client


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder: Path = tmp_path_factory.mktemp("tree")
    with Accounts(folder / "data") as accounts:
        own = accounts.login(accounts.user("viewer", "viewer", grant=of("yard")))
        wall = accounts.key("display", "wall", of("yard"))
    with running_api(folder / "data", site=yard(folder / "site")) as api:
        people = Seen(api.person, client(api, own), client(api, wall))
        yield people
        people.yard_only.close()
        people.wall.close()


def enterprises(who: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = who.get("/site", params=query)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["enterprises"]}


def test_site_holds_enterprises_installations_and_units(seen: Seen) -> None:
    found = enterprises(seen.everybody)
    assert list(found) == ["yard", "other"]
    (installation,) = found["yard"]["installations"]
    assert (installation["name"], installation["hazard_class"], installation["r_value"]) == (
        "储罐区",
        2,
        62.0,
    )
    tank, area = installation["units"]
    assert tank["substance"] == {"cas": "67-56-1", "name": "甲醇", "name_en": "methanol"}
    assert (tank["height_m"], tank["diameter_m"]) == (12.6, None)
    assert [gas["cas"] for gas in area["gases"]] == ["74-82-8"]
    assert area["name"] == "GA1"


def test_site_without_units_holds_everything_else(seen: Seen) -> None:
    (whole,) = enterprises(seen.yard_only)["yard"]["installations"]
    (bare,) = enterprises(seen.yard_only, units="false")["yard"]["installations"]
    assert whole["units"]
    assert bare == whole | {"units": []}


def test_site_counts_points_in_use(seen: Seen) -> None:
    (installation,) = enterprises(seen.everybody)["yard"]["installations"]
    assert installation["monitoring"] == {
        "points": 4,
        "in_use": 3,
        "by_quantity": {"combustible_gas": 1, "level": 1, "temperature": 1},
    }


def test_site_shows_the_five_dimensions(seen: Seen) -> None:
    (installation,) = enterprises(seen.yard_only)["yard"]["installations"]
    assert installation["plans"][0]["title"] == "泄漏处置方案"
    assert installation["persons"] == [{"role": "main", "name": "张三", "phone": "0316-1234567"}]
    assert installation["teams"][0]["people"] == 18
    assert installation["materials"][0]["quantity"] == 4
    assert installation["videos"] == [{"name": "罐区", "address": "rtsp://video.example/1"}]


def test_wall_screen_sees_names_without_telephone_numbers(seen: Seen) -> None:
    (installation,) = enterprises(seen.wall)["yard"]["installations"]
    assert [person["name"] for person in installation["persons"]] == ["张三"]
    assert [each["phone"] for each in installation["persons"] + installation["teams"]] == [None, None]


def test_site_holds_only_what_is_in_sight(seen: Seen) -> None:
    assert list(enterprises(seen.yard_only)) == ["yard"]
    assert enterprises(seen.yard_only, enterprise="other") == {}
    assert list(enterprises(seen.everybody, enterprise="other")) == ["other"]


def test_positions_are_derived_from_points_and_laid_out_in_metres(seen: Seen) -> None:
    (installation,) = enterprises(seen.everybody)["yard"]["installations"]
    middle = installation["position"]
    assert (middle["longitude"], middle["latitude"], middle["derived"]) == (117.001, 38.0005, True)
    assert (middle["x_m"], middle["y_m"]) == (0.0, 0.0)
    tank, area = (unit["position"] for unit in installation["units"])
    # A thousandth of a degree of longitude at 38 degrees north is 87.6 m, half of one of latitude 55.6 m.
    assert (tank["x_m"], tank["y_m"]) == pytest.approx((-87.6, -55.6), abs=0.1)
    assert (area["x_m"], area["y_m"]) == pytest.approx((87.6, 55.6), abs=0.1)


def test_place_without_coordinates_has_no_position(seen: Seen) -> None:
    (installation,) = enterprises(seen.everybody)["other"]["installations"]
    assert installation["position"] is None
    assert installation["units"][0]["position"] is None


def test_middle_that_the_register_says_is_taken() -> None:
    given = Installation(id="H01", longitude=117.5, latitude=38.5)
    points: list[Point] = []
    assert spot_of(given, points) == Spot(117.5, 38.5, derived=False)
    assert metres_from(Spot(0.0, 0.0, derived=False), 0.0, 1.0) == pytest.approx((0.0, 111_195.08))
