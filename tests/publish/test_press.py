"""Publishing warnings: Alert, Update, Cancel, by the right person, never twice, never out of sight."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from api.auth.principal import EVERYTHING, Principal, Scope
from api.catalogue import Catalogue
from api.desks.colours import WarningLevel
from api.desks.register import DeskRegister
from api.desks.warning_loop import Fact, WarningEpisode
from api.publish.cap import faults
from api.publish.metrics import PublishMetrics
from api.publish.press import NotYours, Press, UnknownWarning
from api.publish.warnings import NothingToPublish, Sender, load_cap_terms
from api.store.database import Database
from api.store.publications import PublicationCursor, page_of_publications, publication_by_id
from api.store.warnings import add_warning, change_warning
from api.store.writer import Reader, Writer
from tests.api.plant import SECOND, SITE, T0

OFFICER = Principal("王芳", frozenset({"bureau_duty_officer"}), EVERYTHING)
HEAD = Principal("赵强", frozenset({"bureau_administrator"}), EVERYTHING)
ELSEWHERE = Principal("外区", frozenset({"bureau_administrator"}), Scope(frozenset({"other"})))


def warning_of(level: WarningLevel) -> WarningEpisode:
    return WarningEpisode(
        id="w1",
        enterprise="acme",
        installation="tank-farm",
        begun_at=T0,
        level=level,
        current=level,
        risen_at=T0,
    )


class Bench:
    def __init__(self, database: Database) -> None:
        self.now = T0
        self.writer, self.reader = Writer(database, lambda: self.now), Reader(database)
        self.register = DeskRegister(SITE)
        self.press = Press(
            self.writer,
            self.reader,
            Catalogue(SITE, ()),
            self.register,
            PublishMetrics(CollectorRegistry()),
            Sender("desk@bureau.example", "示例局"),
            ZoneInfo("Asia/Shanghai"),
        )
        self.warning = warning_of(WarningLevel.YELLOW)

    async def begin(self, level: WarningLevel = WarningLevel.YELLOW, installation: str = "tank-farm") -> None:
        self.warning = msgspec.structs.replace(warning_of(level), installation=installation)
        facts = self.register.facts(("acme", installation))
        await self.writer.run(lambda tx: add_warning(tx.connection, self.warning, facts))

    async def change(self, **more) -> None:
        self.now += 60 * SECOND
        version = self.warning.version + 1
        self.warning = msgspec.structs.replace(self.warning, version=version, **more)
        await self.writer.run(lambda tx: change_warning(tx.connection, self.warning))


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[Bench]:
    database = Database.open(f"sqlite:///{tmp_path / 'alarms.sqlite'}")
    bench = Bench(database)
    yield bench
    bench.writer.close()
    bench.reader.close()
    database.close()


def words(document: str) -> dict[str, str]:
    root = ET.fromstring(document)
    found: dict[str, str] = {}
    for element in root.iter():
        found.setdefault(element.tag.partition("}")[2], element.text or "")
    return found


async def test_warning_is_published_updated_and_cancelled_each_naming_what_went_before(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin()
        first = await bench.press.publish("w1", OFFICER)
        await bench.change(current=WarningLevel.RED, level=WarningLevel.RED)
        second = await bench.press.publish("w1", HEAD)
        closed = Fact(by="赵强", at=bench.now, level=WarningLevel.RED)
        await bench.change(current=WarningLevel.NONE, closed=closed)
        third = await bench.press.publish("w1", HEAD)
    assert [p.message_type for p in (first, second, third)] == ["Alert", "Update", "Cancel"]
    assert all(faults(p.document.encode()) == [] for p in (first, second, third))
    assert words(first.document)["severity"] == "Moderate"
    assert words(second.document)["severity"] == "Extreme"
    assert words(second.document)["references"] == f"desk@bureau.example,w1.1,{first.sent}"
    assert words(third.document)["responseType"] == "AllClear"
    assert words(third.document)["headline"] == "示例化工 储罐区解除红色预警"


async def test_what_stands_published_is_not_published_again(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin()
        await bench.press.publish("w1", OFFICER)
        with pytest.raises(NothingToPublish, match=r"yellow by w1\.1"):
            await bench.press.publish("w1", OFFICER)
        with pytest.raises(NothingToPublish):
            await bench.press.preview("w1", OFFICER, bench.now)


async def test_warning_of_an_installation_that_left_the_register_can_still_be_published(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin(installation="torn-down")
        made = await bench.press.publish("w1", OFFICER)
    assert faults(made.document.encode()) == []
    assert words(made.document)["headline"] == "示例化工 torn-down黄色预警"


async def test_red_and_orange_are_for_the_head_of_the_bureau(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin(WarningLevel.ORANGE)
        assert faults(await bench.press.preview("w1", OFFICER, bench.now)) == []
        with pytest.raises(NotYours, match="who may publication"):
            await bench.press.publish("w1", OFFICER)
        assert (await bench.press.publish("w1", HEAD)).published_by == "赵强"


async def test_warning_of_another_region_is_unknown_and_its_publication_unseen(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin()
        with pytest.raises(UnknownWarning):
            await bench.press.publish("w1", ELSEWHERE)
        made = await bench.press.publish("w1", HEAD)
        assert await bench.reader.run(lambda c: publication_by_id(c, made.id)) == made
        assert await bench.reader.run(lambda c: publication_by_id(c, made.id, ELSEWHERE.scope)) is None
        assert await bench.reader.run(lambda c: page_of_publications(c, EVERYTHING, None, 9)) == [made]
        after = PublicationCursor(made.time, made.id)
        assert await bench.reader.run(lambda c: page_of_publications(c, EVERYTHING, after, 9)) == []


async def test_publications_of_one_warning_are_asked_for_by_its_id(tmp_path) -> None:
    async with opened(tmp_path) as bench:
        await bench.begin()
        made = await bench.press.publish("w1", HEAD)
        of_it = await bench.reader.run(lambda c: page_of_publications(c, EVERYTHING, None, 9, "w1"))
        of_another = await bench.reader.run(lambda c: page_of_publications(c, EVERYTHING, None, 9, "w2"))
    assert (list(of_it), list(of_another)) == ([made], [])


def test_terms_have_words_for_every_colour() -> None:
    assert set(load_cap_terms().colours) == {level.word for level in WarningLevel} - {"none"}
