"""Answering links and answers in the database."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, exists, insert, select, update

from api.answering.model import Answer, Kind, Link
from api.auth.principal import Scope
from api.store.scope import in_scope
from api.store.tables.answering import answer, answer_link

_l, _a = answer_link.c, answer.c
_LINK = tuple(answer_link.c[name] for name in Link.__struct_fields__)


def insert_links(connection: Connection, links: Sequence[Link], token_hashes: Iterable[str]) -> None:
    """Keep links by the hashes of their secrets."""
    rows = [
        msgspec.structs.asdict(link) | {"purposes": " ".join(link.purposes), "token_hash": token_hash}
        for link, token_hash in zip(links, token_hashes, strict=True)
    ]
    if rows:
        connection.execute(insert(answer_link), rows)


def link_by_token(connection: Connection, token_hash: str) -> Link | None:
    """The link of this secret."""
    found = _links(connection, select(*_LINK).where(_l.token_hash == token_hash))
    return found[0] if found else None


def links_about(connection: Connection, kind: Kind, subject: str, scope: Scope) -> list[Link]:
    """Every link about a subject in sight, oldest first."""
    query = select(*_LINK).where(_l.kind == kind, _l.subject == subject, in_scope(_l.enterprise, scope))
    return _links(connection, query.order_by(_l.made_at, _l.id))


def turn_nonce(connection: Connection, link: Link, nonce: str) -> None:
    """The next answer needs another nonce."""
    connection.execute(update(answer_link).where(_l.id == link.id).values(nonce=nonce))


def revoke_link(connection: Connection, link_id: str, scope: Scope, by: str, now: int) -> Link | None:
    """End a living link in sight; the link as it was."""
    query = select(*_LINK).where(_l.id == link_id, _l.revoked_at.is_(None), in_scope(_l.enterprise, scope))
    found = _links(connection, query)
    if not found:
        return None
    connection.execute(update(answer_link).where(_l.id == link_id).values(revoked_at=now, revoked_by=by))
    return found[0]


def forget_links(connection: Connection, expired_before: int) -> int:
    """Remove links that expired long ago and that nobody answered with; how many."""
    answered = exists().where(_a.link == _l.id)
    return connection.execute(delete(answer_link).where(_l.expires_at < expired_before, ~answered)).rowcount


def insert_answer(connection: Connection, given: Answer) -> Answer:
    """Keep an answer; it comes back with its number."""
    row = {name: value for name, value in msgspec.structs.asdict(given).items() if name != "number"}
    number = connection.execute(insert(answer).values(row).returning(_a.number)).scalar_one()
    return msgspec.structs.replace(given, number=number)


def answers_of_link(connection: Connection, link_id: str) -> list[Answer]:
    """What was answered with this link, oldest first."""
    query = select(answer).where(_a.link == link_id).order_by(_a.number)
    return [Answer(**row) for row in connection.execute(query).mappings()]


def answers_about(connection: Connection, kind: Kind, subject: str, scope: Scope) -> list[Answer]:
    """Everything that was answered about a subject in sight, oldest first."""
    query = select(answer).where(_a.kind == kind, _a.subject == subject, in_scope(_a.enterprise, scope))
    return [Answer(**row) for row in connection.execute(query.order_by(_a.number)).mappings()]


def _links(connection: Connection, query: Any) -> list[Link]:
    rows = connection.execute(query).mappings()
    return [Link(**{**row, "purposes": tuple(row["purposes"].split())}) for row in rows]
