"""The figures over HTTP: what is said, who is told, and what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api.auth.grant import Grant
from api.store.database import Database
from tests.api.serving import Api, running_api
from tests.auth.accounts import Accounts, client, of
from tests.figures.plant import CITY, DAY, SECOND, SITE, T0, alarm_row, line_row, write

NOW = T0 + 2 * DAY
SPAN = {"from": T0, "to": T0 + DAY, "as_of": T0 + DAY}


class Office(NamedTuple):
    """A service, and persons of different sight."""

    api: Api
    bureau: httpx.Client
    district: httpx.Client
    room: httpx.Client


def fill(folder: Path) -> None:
    """On each of two days an alarm at e1 is answered in time, one at e3 is not."""
    database = Database.open(f"sqlite:///{folder / 'alarms.sqlite'}", sole=False)
    with database.write() as connection:
        for day in (0, -1):
            for point, answer_s in (("e1/LT01", 60), ("e3/PT01", 3600)):
                id_, at = f"{point}{day}", T0 + day * DAY + 7 * SECOND
                lines = [
                    line_row(id_, "raised", at),
                    line_row(id_, "acknowledged", at + answer_s * SECOND),
                    line_row(id_, "returned_to_normal", at + 2 * answer_s * SECOND),
                ]
                facts = {"active": False, "is_open": False}
                write(connection, [alarm_row(id_, point, "H", at, **facts)], lines)
    database.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("figures") / "data"
    with Accounts(folder, NOW) as accounts:
        people = {
            "bureau": accounts.user("局长", "bureau_duty_officer"),
            "district": accounts.user("西区", "bureau_duty_officer", grant=Grant(regions=(f"{CITY}/西区",))),
            "room": accounts.user("中控", "operator", grant=of("e1")),
        }
        tokens = {name: accounts.login(user) for name, user in people.items()}
    fill(folder)
    with running_api(folder, site=SITE, clock=lambda: NOW, figures_count_samples=False) as api:
        clients = {name: client(api, token) for name, token in tokens.items()}
        yield Office(api, **clients)
        for one in clients.values():
            one.close()


def figures(who: httpx.Client, **query: object) -> dict[str, dict]:
    answer = who.get("/figures", params=SPAN | query)
    assert answer.status_code == 200, answer.text
    return {figure["id"]: figure for figure in answer.json()["figures"]}


def test_figures_show_value_denominator_basis_and_the_day_before(office: Office) -> None:
    found = figures(office.bureau, level="city", of=CITY)["acknowledge_in_time_rate"]
    assert (found["value"], found["numerator"], found["denominator"]) == (0.5, 1, 2)
    assert found["previous"]["value"] == 0.5
    assert found["change"] == 0
    assert found["basis"]["zh"] == "不可更改的报警流水"
    assert [part["key"] for part in found["parts"]] == ["HIGH"]


def test_what_is_not_available_is_null_and_says_why(office: Office) -> None:
    found = figures(office.bureau, level="enterprise", of="e2")
    for figure in ("acknowledge_p95_s", "false_alarm_rate", "duty_check_rate"):
        assert found[figure]["value"] is None
        assert found[figure]["missing"]["zh"]
        assert found[figure]["missing"]["en"]


def test_the_definitions_say_that_they_are_no_regulation(office: Office) -> None:
    label = office.bureau.get("/figures", params=SPAN | {"level": "city"}).json()["label"]
    assert "非法规" in label["zh"]
    assert "not a regulation" in label["en"]


def test_each_sees_only_figures_of_his_own(office: Office) -> None:
    assert figures(office.room, level="enterprise", of="e1")["close_rate"]["denominator"] == 1
    for who, level, of_ in (
        (office.room, "enterprise", "e3"),
        (office.room, "district", "西区"),
        (office.district, "enterprise", "e1"),
        (office.bureau, "city", "别处"),
    ):
        answer = who.get("/figures", params=SPAN | {"level": level, "of": of_})
        assert answer.status_code == 404, answer.text
    partly = office.district.get("/figures", params=SPAN | {"level": "city", "of": CITY}).json()
    assert (partly["group"]["enterprises"], partly["group"]["complete"]) == (1, False)


def test_ranking_begins_with_the_worst_and_ends_with_those_without_a_value(office: Office) -> None:
    query = SPAN | {"figure": "acknowledge_in_time_rate"}
    places = office.bureau.get("/figures/ranking", params=query).json()["places"]
    assert [(p["group"]["of"], p["figure"]["value"]) for p in places] == [
        ("e3", 0.0),
        ("e1", 1.0),
        ("e2", None),
    ]
    slow = office.bureau.get("/figures/ranking", params=SPAN | {"figure": "acknowledge_p95_s"}).json()
    assert slow["places"][0]["group"]["of"] == "e3"
    seen = office.district.get("/figures/ranking", params=query).json()["places"]
    assert [p["group"]["of"] for p in seen] == ["e3"]


def test_ranking_pages(office: Office) -> None:
    query = SPAN | {"figure": "close_rate", "limit": 2}
    first = office.bureau.get("/figures/ranking", params=query).json()
    second = office.bureau.get("/figures/ranking", params=query | {"after": first["next"]}).json()
    names = [p["group"]["of"] for page in (first, second) for p in page["places"]]
    assert sorted(names) == ["e1", "e2", "e3"]
    assert second["next"] is None
    assert office.bureau.get("/figures/ranking", params=query | {"after": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": T0 + DAY, "to": T0}, "not before"),
        ({"from": 0, "to": T0}, "longer than 400 days"),
        ({"from": T0, "to": T0 + DAY, "as_of": NOW + 1}, "as_of"),
        ({"from": T0, "to": T0 + DAY, "as_of": T0}, "as_of"),
        ({"from": T0, "to": T0 + DAY, "level": "planet"}, "level"),
        ({"from": -1, "to": T0}, "from"),
    ],
)
def test_a_span_that_cannot_be_used_is_refused_with_the_reason(
    office: Office, query: dict, says: str
) -> None:
    answer = office.bureau.get("/figures", params=query)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_an_unknown_figure_is_refused_with_those_there_are(office: Office) -> None:
    answer = office.bureau.get("/figures/ranking", params=SPAN | {"figure": "luck"})
    assert answer.status_code == 422
    assert "online_rate" in answer.json()["detail"]


def test_nobody_without_a_key_is_told_a_figure(office: Office) -> None:
    assert office.api.nobody.get("/figures").status_code == 401
