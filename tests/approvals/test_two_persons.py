"""One person proposes, another one agrees, then the change is made: in one transaction, or not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from api.approvals.metrics import ApprovalMetrics
from api.approvals.model import (
    ApprovalKind,
    Described,
    Json,
    NotEntitled,
    Proposal,
    ProposalRefused,
    UnknownProposal,
)
from api.approvals.policy import PolicyInvalid, load_policy
from api.approvals.service import EXPIRY, Approvals
from api.auth.principal import EVERYTHING, Principal, Scope
from api.store.approvals import page_of_proposals, proposal_by_id
from api.store.audit import AuditQuery, append, page_of_audit
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.timers import due_timers
from api.store.writer import Transaction

HOUR = 3600 * 1_000_000_000
T0 = 1_750_000_000 * 1_000_000_000


def person(name: str, *roles: str, scope: Scope = EVERYTHING) -> Principal:
    return Principal(name, frozenset(roles or {"system_administrator"}), scope)


LI, WANG = person("李娜"), person("王芳")


class Thing:
    """What is changed in these tests: a number with a version."""

    def __init__(self) -> None:
        self.value, self.version = 1, 1
        self.fails = False

    def describe(self, _connection: Connection, subject: str, change: Json) -> Described:
        if "value" not in change:
            raise ProposalRefused("a change needs a value")
        return Described(
            title=f"{subject} → {change['value']}",
            old={"value": self.value},
            new={"value": change["value"]},
            version=str(self.version),
            enterprise=change.get("enterprise", ""),
            traits=frozenset(change.get("traits", ())),
        )

    def apply(self, _tx: Transaction, proposal: Proposal, _by: Principal) -> None:
        if self.fails:
            raise ProposalRefused("it cannot be made")
        self.value, self.version = proposal.change["value"], self.version + 1


class World:
    """Approvals over a database, with a clock that is set."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = T0
        self.thing = Thing()
        self.approvals = Approvals(load_policy(), ApprovalMetrics(CollectorRegistry()))
        for name in ("limit", "notification_target"):
            self.approvals.register(
                ApprovalKind(
                    name=name,
                    permission="user.manage",
                    describe=self.thing.describe,
                    apply=self.thing.apply,
                )
            )

    def run(self, job: Callable[[Transaction], Any]) -> Any:
        with self.database.write() as connection:
            tx = Transaction(connection, self.now)
            result = job(tx)
            append(connection, tx.audits)
        return result

    def propose(self, value: int = 5, by: Principal = LI, kind: str = "limit", **more: Any) -> Proposal:
        change = {"value": value, **more}
        return self.run(lambda tx: self.approvals.propose(tx, kind, "TK101/H", change, by, "新设备"))

    def approve(self, proposal: Proposal, by: Principal = WANG) -> Proposal:
        return self.run(lambda tx: self.approvals.approve(tx, proposal.id, by, "同意"))

    def acts(self) -> list[tuple[str, str]]:
        with self.database.read() as connection:
            rows = page_of_audit(connection, AuditQuery(EVERYTHING), None, 100)
        return [(row.entry.actor, row.entry.action) for row in reversed(rows)]

    def stored(self, proposal: Proposal) -> Proposal:
        with self.database.read() as connection:
            found = proposal_by_id(connection, proposal.id)
        assert found
        return found

    def timers(self) -> list[str]:
        with self.database.read() as connection:
            return [timer.kind for timer in due_timers(connection, T0 + 10_000 * HOUR, 10)]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database.open(database_url)
    yield World(database)
    database.close()


def test_second_person_agrees_and_the_change_is_made(world: World) -> None:
    proposal = world.propose(5)
    assert (proposal.state, world.thing.value) == ("open", 1)
    assert (proposal.old, proposal.new) == ({"value": 1}, {"value": 5})
    after = world.approve(proposal)
    assert (after.state, after.decided_by, world.thing.value) == ("applied", "王芳", 5)
    assert world.stored(proposal) == after
    assert world.acts() == [("operator:李娜", "approval.propose"), ("operator:王芳", "approval.applied")]
    assert world.timers() == []


@pytest.mark.parametrize("name", ["李娜", " 李娜 ", "LI", "ｌｉ"])
def test_nobody_agrees_with_himself_however_his_name_is_written(world: World, name: str) -> None:
    proposal = world.propose(by=person("李娜" if "李" in name else "li"))
    with pytest.raises(NotEntitled, match="another person"):
        world.approve(proposal, person(name))
    with pytest.raises(NotEntitled, match="withdraw"):
        world.run(lambda tx: world.approvals.reject(tx, proposal.id, person(name)))
    assert (world.stored(proposal).state, world.thing.value) == ("open", 1)


def test_person_without_the_permission_neither_proposes_nor_agrees(world: World) -> None:
    operator = person("赵敏", "operator")
    with pytest.raises(NotEntitled, match=r"user\.manage is for system_administrator"):
        world.propose(by=operator)
    proposal = world.propose()
    with pytest.raises(NotEntitled):
        world.approve(proposal, operator)


def test_thing_that_changed_meanwhile_makes_the_proposal_stale(world: World) -> None:
    proposal = world.propose(5)
    world.thing.value, world.thing.version = 3, 2
    assert world.approve(proposal).state == "stale"
    assert world.thing.value == 3
    with pytest.raises(ProposalRefused, match="is no longer open"):
        world.approve(proposal)


def test_thing_that_is_gone_makes_the_proposal_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = world.propose(5)

    def gone(*_: object) -> Described:
        raise ProposalRefused("there is no such thing")

    monkeypatch.setattr(
        world.approvals,
        "_kinds",
        {
            "limit": ApprovalKind(
                name="limit", permission="user.manage", describe=gone, apply=world.thing.apply
            )
        },
    )
    assert world.approve(proposal).state == "stale"


def test_change_that_fails_leaves_the_proposal_open(world: World) -> None:
    proposal = world.propose(5)
    world.thing.fails = True
    with pytest.raises(ProposalRefused, match="cannot be made"):
        world.approve(proposal)
    assert world.stored(proposal).state == "open"
    assert world.acts() == [("operator:李娜", "approval.propose")]
    world.thing.fails = False
    assert world.approve(proposal).state == "applied"


def test_two_who_decide_at_once_are_one_decision(world: World) -> None:
    proposal = world.propose(5)

    def both(tx: Transaction) -> None:
        world.approvals.approve(tx, proposal.id, WANG)
        world.approvals.approve(tx, proposal.id, person("赵敏"))

    with pytest.raises(ProposalRefused):
        world.run(both)
    assert world.stored(proposal).state == "open"


def test_proposer_withdraws_and_another_one_may_not(world: World) -> None:
    proposal = world.propose()
    with pytest.raises(NotEntitled, match="only he may withdraw"):
        world.run(lambda tx: world.approvals.withdraw(tx, proposal.id, WANG))
    assert world.run(lambda tx: world.approvals.withdraw(tx, proposal.id, LI)).state == "withdrawn"
    assert world.propose(6).state == "open"


def test_second_proposal_for_the_same_thing_waits_for_the_first(world: World) -> None:
    first = world.propose(5)
    with pytest.raises(ProposalRefused, match=f"withdraw proposal {first.id} first"):
        world.propose(6, WANG)


def test_rejected_change_is_not_made(world: World) -> None:
    proposal = world.propose(5)
    after = world.run(lambda tx: world.approvals.reject(tx, proposal.id, WANG, "不必要"))
    assert (after.state, after.comment, world.thing.value) == ("rejected", "不必要", 1)


def test_proposal_that_nobody_decides_expires(world: World) -> None:
    proposal = world.propose()
    world.now = proposal.expires_at
    with pytest.raises(ProposalRefused, match="expired"):
        world.approve(proposal)

    def fire(tx: Transaction) -> None:
        (timer,) = due_timers(tx.connection, tx.now, 10)
        assert timer.kind == EXPIRY
        world.approvals.expire(tx, timer)

    world.run(fire)
    assert world.stored(proposal).state == "expired"
    assert world.acts()[-1] == ("service", "approval.expired")


def test_change_that_takes_one_person_is_made_at_once_and_still_recorded(world: World) -> None:
    """Shipped policy: of notification targets only those of top contacts take two."""
    after = world.propose(9, kind="notification_target")
    assert (after.state, after.decided_by, world.thing.value) == ("applied", "李娜", 9)
    waiting = world.propose(10, kind="notification_target", traits=["top_contact"])
    assert (waiting.state, world.thing.value) == ("open", 9)


def test_proposal_of_another_enterprise_is_not_found(world: World) -> None:
    mine = person("赵敏", scope=Scope(frozenset({"acme"})))
    with pytest.raises(UnknownProposal):
        world.propose(by=mine, enterprise="other")
    proposal = world.propose(enterprise="other")
    with pytest.raises(UnknownProposal):
        world.approve(proposal, mine)
    with world.database.read() as connection:
        assert page_of_proposals(connection, mine.scope, {"limit"}, (), None, 10) == []
        assert page_of_proposals(connection, EVERYTHING, {"limit"}, {"open"}, None, 10) == [proposal]
        assert page_of_proposals(connection, EVERYTHING, {"role"}, (), None, 10) == []


def test_unknown_kind_and_senseless_change_are_refused(world: World) -> None:
    with pytest.raises(ProposalRefused, match="known are limit, notification_target"):
        world.propose(kind="colour")
    with pytest.raises(ProposalRefused, match="needs a value"):
        world.run(lambda tx: world.approvals.propose(tx, "limit", "x", {}, LI, "r"))


def test_open_proposal_is_unique_in_the_store_too(world: World) -> None:
    proposal = world.propose()
    with pytest.raises(StoreConflict), world.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO approval SELECT 'other', kind, subject, title, enterprise, change, old, new, "
            "seen_version, reason, proposed_by, proposed_at, expires_at, state, decided_by, decided_at, "
            f"comment, version FROM approval WHERE id = '{proposal.id}'"
        )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "not YAML"),
        ("{}", "missing required field"),
        ("status: s\nsource: s\ndefault: {}\nkinds: {}\n", "default has no expires_hours"),
        ("status: s\nsource: s\ndefault: {expires_hours: 0}\nkinds: {}\n", "more than 0"),
        ("status: s\nsource: s\ndefault: {expires_hours: 1}\nkinds: {x: {persons: 2}}\n", "persons"),
    ],
)
def test_policy_with_a_mistake_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(PolicyInvalid, match=rf"policy\.yaml.*{says}"):
        load_policy(file)


def test_kind_that_no_policy_names_takes_two(tmp_path: Path) -> None:
    assert load_policy().needs_two("something new", frozenset())
    assert load_policy().status == "default, not a regulation"
