"""Who is told when nobody answers: a change of theirs takes two persons, however the ladder names them."""

from collections.abc import Iterator
from datetime import date, time

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.approvals.kinds import TARGET, target_kind
from api.approvals.metrics import ApprovalMetrics
from api.approvals.policy import load_policy
from api.approvals.service import Approvals
from api.approvals.tops import TopContacts
from api.auth.grant import Grant
from api.auth.principal import EVERYTHING, Principal, Scope
from api.auth.records import User, user_id
from api.notify.changes import PutReceiver, RemoveReceiver, apply_change, encode_change
from api.rotas.model import Definition, Layer, Override, Rota, Rotation, Version
from api.store.database import Database
from api.store.receivers import receiver_by_id
from api.store.rotas import insert_overrides, insert_rota
from api.store.users import add_user
from api.store.writer import Transaction

TURN = Rotation(every=1, unit="day", start_date=date(2025, 6, 1), handover=time(8))
T0 = 1_750_000_000 * 1_000_000_000


def ladder(*top: str) -> Ladder:
    return Ladder(
        id="any",
        steps=(LadderStep(after_s=0, to=("role:operator",)),),
        top=LadderTop(to=top, every_s=60),
    )


@pytest.fixture
def tx(database_url: str) -> Iterator[Transaction]:
    database = Database.open(database_url)
    with database.write() as connection:
        yield Transaction(connection, T0)
    database.close()


def user(name: str, role: str) -> User:
    return User(
        id=user_id(name),
        name=name,
        roles=frozenset({role}),
        grant=Grant(everything=True),
        password_hash="",
        created=T0,
        created_by="console",
    )


def rota(connection: Connection) -> None:
    layer = Layer(name="白班", rotation=TURN, turns=(("chen",), ("sun",)))
    definition = Definition(name="处长值班", layers=(layer,), fallback="duty-phone")
    made = Rota(id="heads", versions=(Version(number=1, valid_from=0, definition=definition, entered_at=T0),))
    insert_rota(connection, made, "test", T0)
    stand_in = Override(
        id="o1", receivers=("zhou",), start=T0, end=T0 + 1, reason="", entered_by="t", entered_at=T0
    )
    insert_overrides(connection, made, [stand_in])


def test_top_is_found_by_name_by_role_and_through_a_rota(tx: Transaction) -> None:
    connection = tx.connection
    add_user(connection, user("李娜", "bureau_duty_officer"))
    add_user(connection, user("张伟", "operator"))
    rota(connection)
    top = TopContacts([ladder("boss"), ladder("role:bureau_duty_officer", "rota:heads", "rota:gone")])
    assert top.has(connection, "boss", [""])
    assert top.has(connection, "li-na", ["李娜"])
    assert [top.has(connection, one, []) for one in ("chen", "sun", "zhou", "duty-phone")] == [True] * 4
    assert not top.has(connection, "zhang-wei", ["张伟"])
    assert not top.has(connection, "nobody", ["", "unknown"])


def test_change_of_a_top_contact_waits_and_any_other_is_made_at_once(tx: Transaction) -> None:
    approvals = Approvals(load_policy(), ApprovalMetrics(CollectorRegistry()))
    approvals.register(target_kind([ladder("boss")], "target.change"))
    first = Principal("李娜", frozenset({"bureau_administrator"}))
    second = Principal("王芳", frozenset({"bureau_administrator"}))
    for name in ("boss", "clerk"):
        apply_change(tx, PutReceiver(by="test", id=name, enterprise="", kind="person", name=name))

    def remove(name: str) -> dict[str, object]:
        return msgspec.json.decode(encode_change(RemoveReceiver(by="operator:李娜", id=name, version=1)))

    assert approvals.propose(tx, TARGET, "clerk", remove("clerk"), first, "离职").state == "applied"
    assert receiver_by_id(tx.connection, "clerk", EVERYTHING) is None
    waiting = approvals.propose(tx, TARGET, "boss", remove("boss"), first, "离职")
    assert (waiting.state, waiting.old["name"]) == ("open", "boss")
    assert not Scope(frozenset({"E001"})).sees(waiting.enterprise)  # who may not agree is not asked
    assert receiver_by_id(tx.connection, "boss", EVERYTHING) is not None
    assert approvals.approve(tx, waiting.id, second).state == "applied"
    assert receiver_by_id(tx.connection, "boss", EVERYTHING) is None
