"""Conditions of the service itself concern every enterprise: who may answer them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from alarm_rules.model import Enterprise, Site
from alarm_rules.pack_files import load_system_rules
from api.alarms.lifecycle import ActionRefused
from api.auth.principal import EVERYTHING, Principal, Scope
from api.catalogue import Catalogue
from api.metrics import Metrics
from api.service import AlarmService
from api.store.alarms import AlarmQuery
from api.store.database import Database
from api.store.writer import Reader, Writer
from tests.api.plant import SITE, T0

TWO = msgspec.structs.replace(SITE, enterprises=(*SITE.enterprises, Enterprise(id="other")))
OPERATOR = frozenset({"operator"})


@asynccontextmanager
async def service_of(site: Site, folder: Path) -> AsyncIterator[AlarmService]:
    database = Database.open(f"sqlite:///{folder / 'alarms.sqlite'}")
    writer, reader = Writer(database, lambda: T0), Reader(database)
    catalogue = Catalogue(site, load_system_rules().values())
    service = AlarmService(writer, reader, catalogue, Metrics(), lambda _alarms: None)
    await writer.run(lambda tx: service.report(tx, "store_slow", "alert service", True, "慢 slow"))
    yield service
    reader.close()
    writer.close()
    database.close()


async def the_alarm(service: AlarmService) -> str:
    (alarm,) = await service.page(AlarmQuery(open_only=True), None, 9)
    assert alarm.copy.place.enterprise == ""
    return alarm.id


async def test_one_enterprise_does_not_answer_for_the_others(tmp_path: Path) -> None:
    async with service_of(TWO, tmp_path) as service:
        alarm_id = await the_alarm(service)
        with pytest.raises(ActionRefused, match="concerns every enterprise"):
            await service.acknowledge(alarm_id, Principal("a", OPERATOR, Scope(frozenset({"acme"}))), "")
        both = Principal("b", OPERATOR, Scope(frozenset({"acme", "other"})))
        assert (await service.acknowledge(alarm_id, both, "")).facts.acknowledged.by == "b"


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(frozenset({"acme"}))])
async def test_who_sees_all_there_is_answers(tmp_path: Path, scope: Scope) -> None:
    async with service_of(SITE, tmp_path) as service:
        alarm = await service.acknowledge(await the_alarm(service), Principal("a", OPERATOR, scope), "")
        assert alarm.facts.acknowledged.by == "a"
