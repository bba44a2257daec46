"""Forwarding to a platform over real HTTP: stored first, in order, refused parcels set aside."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from prometheus_client import CollectorRegistry

from alarm_rules.condition import PointValue
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin
from api.alarms.work import AlarmChange, Work
from api.auth.principal import EVERYTHING, Scope
from api.catalogue import Catalogue
from api.publish.items import load_event_codes
from api.publish.metrics import PublishMetrics
from api.publish.platforms import Platform, PlatformsRefused, load_platforms
from api.publish.posting import Poster
from api.publish.upstream import Lane, UpstreamEvents
from api.store.database import Database
from api.store.upstream import backlog, refused_parcels
from api.store.writer import Reader, Writer
from tests.api.plant import SECOND, SITE, T0, change
from tests.publish.platform import IV, KEY, FakePlatform, running_platform

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def server() -> Iterator[FakePlatform]:
    with running_platform() as running:
        yield running


def platform_at(url: str, folder: Path, **more: str) -> Platform:
    folder.mkdir(exist_ok=True)
    (folder / "key.hex").write_text(KEY.hex())
    (folder / "iv.hex").write_text(IV.hex())
    (folder / "secret").write_text("s3cret\n")
    (folder / "codes.csv").write_text("point,code\nacme/TK101.LT01,1201\nacme/A1.GT01,1202\n")
    fields = {
        "id": "province",
        "realtime_url": f"{url}/rtsData",
        "events_url": f"{url}/eventsData",
        "envelope": "sm4_cbc_hex",
        "key_file": "key.hex",
        "iv_file": "iv.hex",
        "app_id": "A1",
        "app_secret_file": "secret",
        "enterprises": '{acme: {code: "120000000001", gateway: "G1"}}',
        "point_codes": "codes.csv",
        "batch": "2",
    }
    lines = "\n".join(f"    {key}: {value}" for key, value in (fields | more).items())
    file = folder / "platforms.yaml"
    file.write_text(f"platforms:\n  -\n{lines}\n")
    return load_platforms(file)[0]


class Bench:
    def __init__(self, database: Database, platform: Platform, client: httpx.AsyncClient) -> None:
        self.now = T0
        self.reports: list[tuple[str, bool]] = []
        self.writer, self.reader = Writer(database, lambda: self.now), Reader(database)
        self.registry = CollectorRegistry()
        metrics = PublishMetrics(self.registry)
        self.lane = Lane(
            platform,
            Poster(client),
            self.writer,
            self.reader,
            lambda: self.now,
            metrics,
            lambda _tx, kind, _about, active, _text: self.reports.append((kind, active)),
            late_s=600,
            zone=ZONE,
            chance=lambda: 1.0,
        )
        rules = {rule.id: rule for rule in SITE.rules}
        self.events = UpstreamEvents([platform], rules, load_event_codes(), ZONE, metrics)

    async def happen(self, *steps: lifecycle.Step) -> None:
        work = Work()
        for step in steps:
            work.add(None, step.alarm, step.entry)
        await self.writer.run(lambda tx: self.events.alarms_changed(tx, work.changes()))

    async def waiting(self) -> int:
        return (await self.reader.run(lambda c: backlog(c, "province"))).parcels


@asynccontextmanager
async def bench_at(url: str, tmp_path: Path, **more: str) -> AsyncIterator[Bench]:
    database = Database.open(f"sqlite:///{tmp_path / 'alarms.sqlite'}")
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        bench = Bench(database, platform_at(url, tmp_path / "upstream", **more), client)
        yield bench
        bench.writer.close()
        bench.reader.close()
    database.close()


def raised(active: bool = True, **more) -> lifecycle.Step:
    told = change(1, active=active, **more)
    return lifecycle.raise_alarm(
        told, Origin("gw1", "j1"), Catalogue(SITE, ()).copy_of(told.rule, told.point), T0
    )


async def test_alarm_reaches_the_platform_in_its_envelope_with_its_codes(server, tmp_path) -> None:
    async with bench_at(server.url, tmp_path) as bench:
        await bench.happen(raised(), raised(onset=T0 + SECOND, active=False))
        assert await bench.lane.send_waiting() is True
        assert await bench.waiting() == 0
    ((path, headers, payload),) = server.posts
    assert path == "/eventsData"
    assert headers["appsecret"] == "s3cret"
    assert (payload["qybm"], payload["wgbm"]) == ("120000000001", "G1")
    first, last = payload["data"]["events"]
    assert (first["tnm"], first["scd"], first["threshold"], first["avx"]) == ("1201", 4, 95.0, "96.5")
    assert first["ts"] == "2025-06-15 23:06:40"
    assert last["scd"] == 0


async def test_values_are_sent_in_posts_of_the_batch_without_bad_ones_and_unknown_points(
    server, tmp_path
) -> None:
    rows = [
        PointValue("acme/TK101.LT01", T0, 27.2, "good"),
        PointValue("acme/A1.GT01", T0, 1.5, "uncertain_over_range"),
        PointValue("acme/TK101.LT01", T0 + SECOND, 27.3, "good"),
        PointValue("acme/A1.GT01", T0, 9.0, "bad_sensor_failure"),
        PointValue("acme/TK101.TT01", T0, 20.0, "good"),
    ]
    async with bench_at(server.url, tmp_path) as bench:
        assert await bench.lane.keep_values([("acme", rows), ("other", rows)]) == 3
        await bench.lane.send_waiting()
        assert await bench.lane.keep_values([("acme", rows[2:4])]) == 0, "the same samples again"
    posted = [[item["val"] for item in payload["data"]["rts"]] for _, _, payload in server.posts]
    assert posted == [["27.2", "1.5"], ["27.3"]]


async def test_what_waits_while_the_platform_is_away_is_sent_in_order_when_it_is_back(
    server, tmp_path
) -> None:
    answers = iter([(503, b"down"), (200, b"<html>"), (200, b'{"msg":"?"}')])
    server.answer = lambda *_: next(answers, (200, b'{"code":200}'))
    async with bench_at(server.url, tmp_path) as bench:
        for second in range(3):
            await bench.happen(raised(onset=T0 + second * SECOND))
        pauses = []
        while not await bench.lane.send_waiting():
            pauses.append(bench.lane.pause_s())
        assert pauses == [2.0, 4.0, 8.0]
        assert await bench.waiting() == 0
        failed = bench.registry.get_sample_value(
            "hazardwatch_api_upstream_failed_total", {"platform": "province"}
        )
        assert failed == 3
    accepted = [event["ts"] for _, _, payload in server.posts[3:] for event in payload["data"]["events"]]
    assert accepted == sorted(accepted)
    assert len(accepted) == 3


async def test_refused_parcel_is_set_aside_with_the_platforms_words_and_the_rest_goes_on(
    server, tmp_path
) -> None:
    def answer(_path: str, payload: dict) -> tuple[int, bytes]:
        guilty = any(event["tnm"] == "1202" for event in payload["data"]["events"])
        return (200, '{"code":500,"msg":"点位不存在"}'.encode()) if guilty else (200, b'{"code":200}')

    server.answer = answer
    async with bench_at(server.url, tmp_path) as bench:
        gas = {"point": "acme/A1.GT01", "rule": "acme/A1.GT01/H"}
        await bench.happen(raised(), raised(**gas), raised(onset=T0 + SECOND))
        assert await bench.lane.send_waiting() is True
        assert await bench.waiting() == 0
        (kept,) = await bench.reader.run(lambda c: refused_parcels(c, EVERYTHING, 0, 9))
        assert "点位不存在" in kept.refused
        assert await bench.reader.run(lambda c: refused_parcels(c, Scope(frozenset({"x"})), 0, 9)) == []


async def test_long_waiting_raises_the_system_alarm_once_and_ends_it(server, tmp_path) -> None:
    server.answer = lambda *_: (503, b"")
    async with bench_at(server.url, tmp_path) as bench:
        await bench.happen(raised())
        await bench.lane.send_waiting()
        not_late = ("upstream_late", False)
        assert bench.reports == [not_late], "said at the start too: what was raised before a restart ends"
        bench.now += 601 * SECOND
        await bench.lane.send_waiting()
        await bench.lane.send_waiting()
        assert bench.reports == [not_late, ("upstream_late", True)]
        server.answer = lambda *_: (200, b'{"code":200}')
        await bench.lane.send_waiting()
        assert bench.reports == [not_late, ("upstream_late", True), not_late]


async def test_alarm_that_begins_and_ends_in_one_delivery_is_both_to_the_platform(server, tmp_path) -> None:
    async with bench_at(server.url, tmp_path) as bench:
        begun = raised()
        ended = lifecycle.apply_change(
            begun.alarm,
            change(2, active=False, onset=T0, source_time=T0 + 5 * SECOND),
            Origin("gw1", "j1"),
            T0,
        )
        both = AlarmChange(None, ended.alarm, (begun.entry, ended.entry))
        await bench.writer.run(lambda tx: bench.events.alarms_changed(tx, [both]))
        await bench.lane.send_waiting()
    ((_path, _headers, payload),) = server.posts
    events = payload["data"]["events"]
    assert [event["scd"] for event in events] == [4, 0]
    assert [event["ts"][-2:] for event in events] == ["40", "45"]


async def test_what_is_not_for_a_platform_is_counted_with_its_reason(server, tmp_path) -> None:
    rows = [
        PointValue("acme/A1.GT01", T0, 9.0, "bad_sensor_failure"),
        PointValue("acme/TK101.TT01", T0, 20.0, "good"),
    ]
    async with bench_at(server.url, tmp_path) as bench:
        assert await bench.lane.keep_values([("acme", rows)]) == 0
        await bench.happen(raised(rule="acme/TK101.LT01/STALE"))

        def left_out(reason: str) -> float | None:
            labels = {"platform": "province", "reason": reason}
            return bench.registry.get_sample_value("hazardwatch_api_upstream_left_out_total", labels)

        assert [left_out(r) for r in ("bad_value", "unknown_point", "no_event_code")] == [1, 1, 1]


async def test_values_too_old_are_dropped_and_counted_but_events_never(server, tmp_path) -> None:
    async with bench_at(server.url, tmp_path, keep_h="1") as bench:
        await bench.happen(raised())
        await bench.lane.keep_values([("acme", [PointValue("acme/TK101.LT01", T0, 1.0, "good")])])
        bench.now += 3601 * SECOND
        await bench.lane.keep_values([])
        assert await bench.waiting() == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"envelope": "rot13"}, "none of plain"),
        ({"key_file": "secret"}, "hexadecimal"),
        ({"key_file": "''"}, "holds 0 bytes, the envelope needs 16"),
        ({"realtime_url": "http://platform.example/x"}, "not encrypted"),
        ({"realtime_url": "ftp://127.0.0.1/x"}, "no http address"),
        ({"batch": "0"}, "above 0"),
        ({"bach": "3"}, "bach"),
        ({"point_codes": "missing.csv"}, "missing.csv"),
        ({"point_codes": "secret"}, "the columns are point,code"),
    ],
)
def test_mistake_in_the_platforms_file_is_named(tmp_path: Path, more: dict[str, str], said: str) -> None:
    with pytest.raises(PlatformsRefused, match=said):
        platform_at("http://127.0.0.1:1", tmp_path, **more)
