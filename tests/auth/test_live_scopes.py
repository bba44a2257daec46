"""The live stream encodes once for each scope, and numbers each scope by itself."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.condition import PointValue, ValueDelivery
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin
from api.alarms.model import Alarm
from api.auth.principal import EVERYTHING, Principal, Scope
from api.catalogue import Catalogue
from api.live import LiveClient, LiveHub, News
from api.live_watch import Places, Shown, Sight
from api.metrics import Metrics
from api.values import LatestValues
from tests.api.plant import SECOND, T0, change
from tests.auth.tenants import ENTERPRISES, SITE

CATALOGUE = Catalogue(SITE, ())


def hub(queue: int = 100, values: LatestValues | None = None) -> LiveHub:
    known = values or LatestValues(CATALOGUE.points, 5.0)
    places = Places(CATALOGUE.points)
    return LiveHub(known, lambda _: True, Metrics(), lambda: T0, places, snapshot_alarms=100, queue=queue)


def alarm(enterprise: str, number: int = 0) -> Alarm:
    point = f"{enterprise}/LT1"
    told = change(1, rule=f"{point}/H", point=point, onset=T0 + number * SECOND)
    return lifecycle.raise_alarm(told, Origin("gw1", "j1"), CATALOGUE.copy_of(told.rule, point), T0).alarm


def screen(live: LiveHub, *enterprises: str, everything: bool = False) -> LiveClient:
    scope = EVERYTHING if everything else Scope(frozenset(enterprises))
    return live.join(Principal("x", frozenset({"viewer"}), scope))


def taken(client: LiveClient, live: LiveHub) -> list[dict]:
    """All that waits."""
    return [json.loads(message) for message in iter(lambda: client.take(live), None)]


def test_screens_with_the_same_scope_are_given_the_same_encoded_message() -> None:
    live = hub()
    one, same, other = screen(live, "qanorth"), screen(live, "qanorth"), screen(live, everything=True)
    assert one.take(live) is same.take(live)
    other.take(live)
    live.alarms_changed([alarm("qanorth")])
    message = one.take(live)
    assert message is not None
    assert message is same.take(live)
    assert other.take(live) is not message


def test_change_elsewhere_reaches_no_foreign_screen_and_leaves_no_gap_in_its_numbers() -> None:
    live = hub()
    north, south = screen(live, "qanorth"), screen(live, "qasouth")
    first = taken(north, live)[0]["seq"]
    taken(south, live)
    for number in range(5):
        live.alarms_changed([alarm("qasouth", number)])
    live.alarms_changed([alarm("qanorth")])
    assert [m["seq"] for m in taken(north, live)] == [first + 1]
    assert [m["seq"] - first for m in taken(south, live)] == [1, 2, 3, 4, 5]


def test_values_are_parted_by_enterprise() -> None:
    values = LatestValues(CATALOGUE.points, 5.0)
    live = hub(values=values)
    north, everybody = screen(live, "qanorth"), screen(live, everything=True)
    taken(north, live), taken(everybody, live)
    rows = [PointValue(f"{enterprise}/LT1", T0, 1.0, "good") for enterprise in ENTERPRISES]
    delivery = ValueDelivery(gateway="gw1", journal="j", sent_time=T0, complete=False, values=rows)
    values.take(delivery, T0)
    live.send_values()
    (seen,) = taken(north, live)
    assert [row[0] for group in seen["values"] for row in group["rows"]] == ["qanorth/LT1"]
    (all_of_it,) = taken(everybody, live)
    assert len(all_of_it["values"][0]["rows"]) == 3


def test_news_go_to_those_who_see_the_enterprise_and_of_none_to_everybody() -> None:
    live = hub()
    north, south = screen(live, "qanorth"), screen(live, "qasouth")
    taken(north, live), taken(south, live)
    live.tell(News(topic="warnings", subject="w1", enterprise="qanorth"))
    live.tell(News(topic="rotas", subject="r1", enterprise=""))
    assert [[n["subject"] for n in m["news"]] for m in taken(north, live)] == [["w1"], ["r1"]]
    assert [[n["subject"] for n in m["news"]] for m in taken(south, live)] == [["r1"]]


def test_feeds_of_foreign_gateways_are_not_shown() -> None:
    values = LatestValues(CATALOGUE.points, 5.0)
    for enterprise in ENTERPRISES:
        row = PointValue(f"{enterprise}/LT1", T0, 1.0, "good")
        values.take(
            ValueDelivery(
                gateway=f"gw-{enterprise}", journal="j", sent_time=T0, complete=False, values=[row]
            ),
            T0,
        )
    live = hub(values=values)
    (snapshot,) = taken(screen(live, "qanorth"), live)
    assert [feed["gateway"] for feed in snapshot["feeds"]] == ["gw-qanorth"]
    (everything,) = taken(screen(live, everything=True), live)
    assert len(everything["feeds"]) == 3


def test_view_ends_with_its_last_screen() -> None:
    live = hub()
    client = screen(live, "qanorth")
    live.leave(client)
    assert live.clients == frozenset()
    live.alarms_changed([alarm("qanorth")])
    (snapshot,) = taken(screen(live, "qanorth"), live)
    assert (snapshot["open_alarms"], snapshot["seq"]) == (1, 0)


def test_person_with_other_rights_is_dismissed_with_the_next_heartbeat() -> None:
    valid = True
    latest = LatestValues((), 5.0)
    live = LiveHub(latest, lambda _: valid, Metrics(), lambda: T0, Places({}), snapshot_alarms=1, queue=1)
    client = screen(live, "qanorth")
    live.send_heartbeat()
    assert client.dismissed is None
    valid = False
    live.send_heartbeat()
    assert client.dismissed == 4401


acts = st.lists(st.tuples(st.sampled_from(ENTERPRISES), st.integers(0, 3), st.booleans()), max_size=25)


@settings(max_examples=60, deadline=None)
@given(acts, st.frozensets(st.sampled_from(ENTERPRISES)), st.integers(2, 6), st.integers(0, 4))
def test_screen_knows_exactly_the_open_alarms_of_its_scope_however_slowly_it_reads(
    done: list[tuple[str, int, bool]], scope: frozenset[str], queue: int, reads_every: int
) -> None:
    live = hub(queue=queue)
    client = screen(live, *scope)
    known: dict[str, str] = {}
    open_ones: dict[str, Alarm] = {}

    def read() -> None:
        for message in taken(client, live):
            if message["type"] == "snapshot":
                known.clear()
            for told in message["alarms"]:
                known[told["id"]] = told["state"]
                if told["state"] == "NORM":
                    del known[told["id"]]

    for step, (enterprise, number, ends) in enumerate(done):
        each = alarm(enterprise, number)
        if ends and each.id in open_ones:
            over = lifecycle.acknowledge(open_ones.pop(each.id), "x", "", T0).alarm
            closed = change(2, active=False, rule=each.rule, point=each.point, onset=each.onset)
            live.alarms_changed([lifecycle.apply_change(over, closed, Origin("gw1", "j1"), T0).alarm])
        elif not ends:
            open_ones.setdefault(each.id, each)
            live.alarms_changed([each])
        if reads_every and step % reads_every == 0:
            read()
    read()
    assert set(known) == {each.id for each in open_ones.values() if each.copy.place.enterprise in scope}


@pytest.mark.parametrize("scope", [Scope(frozenset()), Scope(frozenset({"qanorth"})), EVERYTHING])
def test_alarms_of_the_service_itself_are_everybodys(scope: Scope) -> None:
    live = hub()
    client = live.join(Principal("x", frozenset(), scope))
    taken(client, live)
    told = change(1, rule="service/system/x", point="service/x")
    own = lifecycle.raise_alarm(told, Origin("s", "s"), CATALOGUE.copy_of(told.rule, told.point), T0).alarm
    assert own.copy.place.enterprise == ""
    live.alarms_changed([own])
    assert [m["alarms"][0]["point"] for m in taken(client, live)] == ["service/x"]


def test_screens_with_the_same_watch_are_given_the_same_encoded_message() -> None:
    values = LatestValues(CATALOGUE.points, 5.0)
    live = hub(values=values)
    north = Principal("x", frozenset({"viewer"}), Scope(frozenset({"qanorth"})))
    one = live.join(north, Shown(points=["qanorth/LT1", "qasouth/LT1"]))
    same = live.join(north, Shown(points=["qanorth/LT1", "qanorth/LT1"]))
    other = live.join(north, Shown(points=["qanorth/LT2"]))
    for client in (one, same, other):
        taken(client, live)
    rows = [PointValue(f"{enterprise}/LT1", T0, 1.0, "good") for enterprise in ENTERPRISES]
    values.take(ValueDelivery(gateway="g", journal="j", sent_time=T0, complete=False, values=rows), T0)
    live.send_values()
    message = one.take(live)
    assert message is not None
    assert message is same.take(live)
    assert other.take(live) is None


def test_screen_that_shows_something_else_leaves_no_view_behind() -> None:
    live = hub()
    client = screen(live, "qanorth")
    for number in range(5):
        live.watch(client, Shown(points=[f"qanorth/LT{number}"]))
    assert live.clients == {client}
    live.leave(client)
    assert live.clients == frozenset()
    again = screen(live, "qanorth")
    assert taken(again, live)[0]["seq"] == 0


ids = st.sampled_from(
    [f"{enterprise}/{name}" for enterprise in (*ENTERPRISES, "", "qa") for name in ("LT1", "LT9", "farm", "")]
)


@settings(max_examples=200, deadline=None)
@given(st.frozensets(st.sampled_from(ENTERPRISES)), st.lists(ids), st.lists(ids))
def test_watch_never_widens_the_scope(
    scope: frozenset[str], installations: list[str], points: list[str]
) -> None:
    places = Places(CATALOGUE.points)
    sight = places.sight(Scope(scope), Shown(installations=installations, points=points))
    wide = Sight(Scope(scope))
    shown = {point for point in CATALOGUE.points if places.shows(sight, point)}
    assert shown == places.shown(sight)
    assert shown <= {point for point in CATALOGUE.points if places.shows(wide, point)}
    named = {
        f"{place.partition('/')[0]}/LT{n}"
        for place in installations
        for n in (1, 2, 3)
        if place.endswith("/farm")
    }
    assert shown == {p for p in CATALOGUE.points if p in named.union(points) and p.partition("/")[0] in scope}
