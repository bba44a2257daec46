"""What is read from gateways: their deliveries, and their own figures over HTTP."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest

from api.history import history_client
from api.settings import ApiSettings
from api.values import Feed
from api.watch.gateways import Feeds, GatewayLook, read_figures
from api.watch.judge import Reading
from gateway.metrics import Metrics
from tests.watch.stand_ins import figures, serving

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND
SETTINGS = ApiSettings(watch_gateways_retired=("old",))


def feed(gateway: str, heard_ago_s: float, now: int, offset_s: float = 0.0) -> Feed:
    return Feed(
        gateway=gateway,
        gateway_time=now + int(offset_s * SECOND),
        heard_ago_s=heard_ago_s,
        silent=False,
    )


def value_of(readings: list[Reading], kind: str, about: str = "gw1") -> float | None:
    (reading,) = [r for r in readings if (r.kind, r.about) == (kind, about)]
    return reading.value


def test_figures_are_those_that_a_gateway_really_shows() -> None:
    """The names are the gateway's: a renamed figure there would blind the watch here."""
    metrics = Metrics()
    metrics.name.labels("north").set(1)
    metrics.waiting_bytes.set(5)
    metrics.journal_position.set(9)
    metrics.history_position.set(7)
    metrics.delivered.inc(3)
    metrics.undelivered.set(2)
    assert read_figures(generate_latest(metrics.registry).decode()) == ("north", 5, 9, 7, 3, 2)


def test_silence_is_counted_from_the_last_delivery_and_from_the_start_without_any() -> None:
    feeds = Feeds(SETTINGS, 0)
    assert value_of(feeds.look([], ["gw1"], T0, 20), "gateway_silent") == 20
    now = T0 + 25 * SECOND
    assert value_of(feeds.look([feed("gw1", 0.1, now)], ["gw1"], now, 25), "gateway_silent") == 0
    later = T0 + 30 * SECOND
    assert value_of(feeds.look([feed("gw1", 5.1, later)], [], later, 30), "gateway_silent") == 5


def test_wall_clock_that_is_set_makes_no_gateway_silent() -> None:
    feeds = Feeds(SETTINGS, 0)
    feeds.look([feed("gw1", 0.5, T0)], [], T0, 10)
    jumped = T0 + 3600 * SECOND
    assert value_of(feeds.look([feed("gw1", 3600.5, jumped)], [], jumped, 11), "gateway_silent") == 1


def test_gateway_that_is_retired_is_not_missed_and_one_that_never_came_is() -> None:
    assert Feeds(SETTINGS, 0).look([], ["old", "gw1"], T0, 20)[0].about == "gw1"
    (nobody,) = Feeds(SETTINGS, 0).look([], [], T0, 20)
    assert (nobody.kind, nobody.about, nobody.value) == ("gateway_silent", "gateway", 20)


def test_offset_is_taken_from_the_delivery_that_was_delayed_the_least() -> None:
    feeds = Feeds(SETTINGS, 0)
    feeds.look([feed("gw1", 0, T0, -7.2)], [], T0, 0)
    assert value_of(feeds.look([feed("gw1", 0, T0, -7.0)], [], T0, 1), "clock_offset") == pytest.approx(7.0)
    assert value_of(feeds.look([feed("gw1", 0, T0, 9.0)], [], T0, 2), "clock_offset") == pytest.approx(9.0)


async def test_lags_come_from_the_gateways_figures_and_are_unknown_without_them() -> None:
    shown = [figures(journal=10, history=10, delivered=4)]

    def answer(_method: str, path: str) -> tuple[int, str]:
        assert path == "/metrics"
        return (200, shown[0]) if shown[0] else (503, "")

    with serving(answer) as url:
        async with history_client(url, "token", 5) as client:
            look = GatewayLook(SETTINGS, client, "by address", 0)
            assert value_of(await look.look(0), "history_lag") == 0
            shown[0] = figures(journal=20, history=10, delivered=4, undelivered=1, waiting_bytes=77)
            first = await look.look(10)
            assert [value_of(first, kind) for kind in ("history_lag", "conditions_lag")] == [0, 0]
            assert value_of(first, "journal_lag") == 77
            shown[0] = figures(journal=30, history=19, delivered=4, undelivered=2)
            second = await look.look(50)
            assert [value_of(second, kind) for kind in ("history_lag", "conditions_lag")] == [40, 40]
            shown[0] = ""
            third = await look.look(60)
            assert [r.value for r in third] == [10, None, None, None]
            assert {r.about for r in third} == {"gw1"}
            assert "503" in look.failing


@pytest.mark.parametrize("text", ["<html>no figures</html>", "hazardwatch_waiting_bytes many\n"])
async def test_answer_that_holds_no_figures_is_no_look(text: str) -> None:
    with serving(lambda _method, _path: (200, text)) as url:
        async with history_client(url, "token", 5) as client:
            readings = await GatewayLook(SETTINGS, client, "gw1", 0).look(9)
    assert value_of(readings, "journal_lag") is None


@settings(max_examples=80)
@given(place=st.integers(0, 200), piece=st.text(max_size=4), cut=st.integers(0, 5))
def test_broken_figures_are_told_as_such_and_never_otherwise(place: int, piece: str, cut: int) -> None:
    whole = figures()
    with contextlib.suppress(ValueError):
        read_figures(whole[:place] + piece + whole[place + cut :])
