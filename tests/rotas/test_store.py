"""Rotas in the database, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from api.auth.principal import EVERYTHING, Scope
from api.rotas.duty import who_is_on_call
from api.rotas.errors import UnknownRota
from api.rotas.model import Rota, Version
from api.rotas.papers import Feed
from api.rotas.resolve import resolve
from api.rotas.wall_clock import DAY_NS, HOUR_NS
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.rota_papers import (
    answer_swap,
    feed_by_token,
    insert_feed,
    insert_note,
    insert_swap,
    page_of_notes,
    page_of_swaps,
    revoke_feed,
    swap_by_id,
)
from api.store.rotas import (
    insert_overrides,
    insert_rota,
    insert_version,
    living_rotas,
    page_of_rotas,
    retire_rota,
    rota_by_id,
    withdraw_overrides,
)
from tests.rotas import rosters
from tests.rotas.rosters import T0, layer, override, rota, weekly
from tests.rotas.test_swaps import offer

ACME = Scope(frozenset({"acme"}))
OTHER = Scope(frozenset({"other"}))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def keep(database: Database, made: Rota) -> Rota:
    with database.write() as connection:
        insert_rota(connection, made, "张伟", T0)
        for version in made.versions[1:]:
            insert_version(connection, made.id, version)
        insert_overrides(connection, made, made.overrides)
    return made


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rosters.rotas())
def test_a_rota_is_read_as_it_was_written(database: Database, any_rota: Rota) -> None:
    unique = tuple(
        msgspec.structs.replace(one, id=f"{id(any_rota)}-{number}")
        for number, one in enumerate(any_rota.overrides)
    )
    made = msgspec.structs.replace(any_rota, id=f"r{id(any_rota)}", overrides=unique)
    with database.write() as connection:
        insert_rota(connection, made, "张伟", T0)
        for version in made.versions[1:]:
            insert_version(connection, made.id, version)
        insert_overrides(connection, made, made.overrides)
        assert rota_by_id(connection, made.id) == made
        for hours in range(0, 1000, 37):
            instant = T0 + hours * HOUR_NS
            assert who_is_on_call(connection, made.id, instant) == resolve(made, instant)
        connection.rollback()


def test_only_overrides_that_touch_the_span_are_read(database: Database) -> None:
    three = tuple(override(T0 + n * DAY_NS, T0 + (n + 1) * DAY_NS, number=n) for n in range(3))
    keep(database, rota(weekly("zhang-wei"), overrides=three))
    with database.read() as connection:
        found = rota_by_id(connection, "control-room", EVERYTHING, T0 + DAY_NS, T0 + 2 * DAY_NS)
    assert found is not None
    assert [one.id for one in found.overrides] == ["o1"]


def test_a_withdrawn_override_counts_until_then(database: Database) -> None:
    keep(database, rota(weekly("zhang-wei"), overrides=(override(T0, T0 + DAY_NS, "li-na"),)))
    with database.write() as connection:
        withdraw_overrides(connection, ["o1"], "主管", T0 + HOUR_NS)
        withdraw_overrides(connection, ["o1"], "another", T0 + 2 * HOUR_NS)
        assert who_is_on_call(connection, "control-room", T0 + HOUR_NS - 1).receivers == ("li-na",)
        assert who_is_on_call(connection, "control-room", T0 + HOUR_NS).receivers == ("zhang-wei",)
        assert rota_by_id(connection, "control-room").overrides[0].withdrawn_by == "主管"


def test_nobody_sees_the_rota_of_another_enterprise(database: Database) -> None:
    keep(database, rota(layer("zhang-wei")))
    keep(database, msgspec.structs.replace(rota(layer("li-na")), id="bureau", enterprise=""))
    with database.read() as connection:
        assert rota_by_id(connection, "control-room", OTHER) is None
        assert [r.id for r in living_rotas(connection, OTHER, T0, T0 + 1)] == ["bureau"]
        assert [r.id for r in living_rotas(connection, ACME, T0, T0 + 1)] == ["bureau", "control-room"]
        assert [r.id for r in page_of_rotas(connection, ACME, T0, "bureau", 9, retired=True)] == [
            "control-room"
        ]


def test_a_retired_rota_is_no_longer_among_the_living(database: Database) -> None:
    keep(database, rota(layer("zhang-wei")))
    with database.write() as connection:
        retire_rota(connection, "control-room", "主管", T0)
        assert living_rotas(connection, EVERYTHING, T0, T0 + 1) == []
        assert rota_by_id(connection, "control-room").retired_at == T0


def test_an_id_is_taken_once(database: Database) -> None:
    keep(database, rota(layer("zhang-wei")))
    with pytest.raises(StoreConflict):
        keep(database, rota(layer("li-na")))


def test_an_unknown_rota_is_named(database: Database) -> None:
    with database.read() as connection, pytest.raises(UnknownRota, match="no rota 'nights'"):
        who_is_on_call(connection, "nights", T0)


def test_a_swap_is_kept_with_its_answer(database: Database) -> None:
    made = keep(database, rota(layer("zhang-wei")))
    with database.write() as connection:
        insert_swap(connection, made, offer())
        assert swap_by_id(connection, "control-room", "s1") == offer()
        declined = msgspec.structs.replace(offer(), state="declined", answered_by="李娜", answered_at=T0)
        answer_swap(connection, declined)
        [(number, found)] = page_of_swaps(connection, "control-room", None, 9)
        assert (found, page_of_swaps(connection, "control-room", number, 9)) == (declined, [])
        assert swap_by_id(connection, "another", "s1") is None


def test_notes_come_newest_first(database: Database) -> None:
    made = keep(database, rota(layer("zhang-wei")))
    with database.write() as connection:
        notes = [insert_note(connection, made, "张伟", text, T0) for text in ("一", "二", "三")]
        assert page_of_notes(connection, "control-room", notes[2].number, 1) == [notes[1]]


def test_a_feed_is_found_by_its_secret_and_revoked_once(database: Database) -> None:
    made = keep(database, rota(layer("zhang-wei")))
    feed = Feed(id="f1", rota="control-room", receiver="", created_by="主管", created_at=T0)
    with database.write() as connection:
        insert_feed(connection, made, feed, "hash")
        assert feed_by_token(connection, "hash") == feed
        assert revoke_feed(connection, "another", "f1", "主管", T0) is False
        assert [revoke_feed(connection, "control-room", "f1", "主管", T0) for _ in range(2)] == [True, False]


def test_versions_keep_their_numbers_apart(database: Database) -> None:
    made = keep(database, rota(layer("zhang-wei")))
    with pytest.raises(StoreConflict), database.write() as connection:
        insert_version(connection, made.id, Version(**{**msgspec.structs.asdict(made.versions[0])}))
