"""Messages that ask for an answer carry a link of their own; others go as they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry

from alarm_rules.model import Priority
from api.answering.linking import LinkedOutbox
from api.answering.metrics import AnsweringMetrics
from api.answering.model import Link, Shown
from api.answering.service import AnsweringService, hash_of
from api.auth.principal import EVERYTHING
from api.notify.message import Message
from api.rotas.people import Person
from api.store.answering import forget_links, link_by_token, links_about
from api.store.database import Database
from api.store.timers import next_due
from api.store.writer import Reader, Transaction, Writer

DAY = 86_400 * 10**9
NOW = 1_750_000_000 * 10**9
PEOPLE = {"zhang-wei": Person(name="张伟", enterprise="acme"), "officer": Person(name="值班员")}


class Anything:
    """A subject that is always there."""

    def show(self, connection, link: Link) -> Shown:
        return Shown(what="查岗", since=NOW, priority=Priority.HIGH)

    def take(self, tx: Transaction, link: Link, answer) -> None: ...

    def pass_on(self, tx: Transaction, link: Link, answer) -> None: ...


def message(kind: str = "alarm", receiver: str = "zhang-wei", channel: str = "feishu", **more) -> Message:
    fields = {"alarm_id": "a1", "priority": Priority.HIGH, "enterprise": "acme", "title": "t", "body": "b"}
    return Message(
        **({"key": f"{kind}/{receiver}/{channel}", "kind": kind} | fields | more),
        receiver=receiver,
        channel=channel,
    )


@asynccontextmanager
async def links(url: str) -> AsyncIterator[tuple[Writer, AnsweringService]]:
    database = Database.open(url)
    writer, reader = Writer(database, lambda: NOW), Reader(database)
    service = AnsweringService(
        writer,
        reader,
        lambda: NOW,
        lambda _connection: PEOPLE,
        lambda *_: {},
        AnsweringMetrics(CollectorRegistry()),
        24,
    )
    service.subjects = {"alarm": Anything(), "duty_check": Anything(), "call_up": Anything()}
    yield writer, service
    reader.close()
    writer.close()
    database.close()


async def link_of(writer: Writer, service: AnsweringService, one: Message) -> Link | None:
    outbox = LinkedOutbox(service, lambda _connection: PEOPLE, "https://alarms.example.org/")

    def job(tx: Transaction) -> Link | None:
        [sent] = outbox.with_links(tx, [one])
        address = sent.detail.get("link", "")
        return link_by_token(tx.connection, hash_of(address.rpartition("/")[2])) if address else None

    return await writer.run(job)


@pytest.mark.parametrize(
    ("one", "kind", "subject"),
    [
        (message("alarm"), "alarm", "a1"),
        (message("reminder"), "alarm", "a1"),
        (message("not_woken"), "alarm", "a1"),
        (message("call_up", detail={"call_up": "c1"}), "call_up", "c1"),
        (message("call_up"), "alarm", "a1"),
        (message("duty_check", alarm_id=None, detail={"duty_check": "d1"}), "duty_check", "d1"),
    ],
)
async def test_a_message_that_asks_has_a_link_about_its_subject(
    database_url: str, one: Message, kind: str, subject: str
) -> None:
    async with links(database_url) as (writer, service):
        link = await link_of(writer, service, one)
        assert link is not None
        assert (link.kind, link.subject, link.receiver, link.enterprise) == (
            kind,
            subject,
            "zhang-wei",
            "acme",
        )
        assert (link.channel, link.expires_at) == ("feishu", NOW + DAY)


@pytest.mark.parametrize(
    "one",
    [
        message("returned"),
        message("warning", alarm_id=None),
        message("alarm", channel="voice"),
        message("alarm", channel="siren"),
        message("duty_check", receiver="officer", alarm_id=None, detail={"duty_check": "d1"}),
    ],
)
async def test_a_message_that_asks_nothing_has_none(database_url: str, one: Message) -> None:
    async with links(database_url) as (writer, service):
        assert await link_of(writer, service, one) is None


async def test_without_an_address_of_the_service_messages_go_as_they_are(database_url: str) -> None:
    async with links(database_url) as (writer, service):
        outbox = LinkedOutbox(service, lambda _connection: PEOPLE, "")
        assert await writer.run(lambda tx: outbox.with_links(tx, [message()])) == [message()]


async def test_a_link_is_kept_by_its_hash_and_belongs_to_the_alarms_enterprise(database_url: str) -> None:
    async with links(database_url) as (writer, service):
        address = await writer.run(
            lambda tx: service.make_link(tx, "zhang-wei", "a1", ("acknowledge",), "http://127.0.0.1:1/")
        )
        token = address.rpartition("/")[2]
        assert httpx.URL(address).path == f"/answer/{token}"
        assert len(token) >= 22  # 128 bits and more
        found = await writer.run(lambda tx: links_about(tx.connection, "alarm", "a1", EVERYTHING))
        assert [one.enterprise for one in found] == [""]
        assert token not in repr(found)


async def test_a_thousand_links_are_all_different(database_url: str) -> None:
    async with links(database_url) as (writer, service):
        outbox = LinkedOutbox(service, lambda _connection: PEOPLE, "https://alarms.example.org")
        many = [message(alarm_id=f"a{number}") for number in range(1000)]
        async with asyncio.timeout(20):
            sent = await writer.run(lambda tx: outbox.with_links(tx, many))
        assert len({one.detail["link"] for one in sent}) == 1000
        assert [one.alarm_id for one in sent] == [one.alarm_id for one in many]


async def test_old_links_are_forgotten_daily(database_url: str) -> None:
    async with links(database_url) as (writer, service):
        await writer.run(lambda tx: service.make_link(tx, "zhang-wei", "a1"))
        await writer.run(service.start)
        assert await writer.run(lambda tx: next_due(tx.connection)) == NOW + DAY
        assert await writer.run(lambda tx: forget_links(tx.connection, NOW + DAY)) == 0
        assert await writer.run(lambda tx: forget_links(tx.connection, NOW + DAY + 1)) == 1
