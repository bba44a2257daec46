"""Warnings that were published: documents, never changed."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, tuple_

from api.auth.principal import EVERYTHING, Scope
from api.store.scope import in_scope
from api.store.tables.publish import publication as table
from api.store.writer import Transaction

_p = table.c


class Publication(NamedTuple):
    """One CAP message as it went out."""

    id: str
    warning: str
    enterprise: str
    message_type: str
    colour: str
    sent: str
    time: int
    published_by: str
    document: str


class PublicationCursor(NamedTuple):
    time: int
    id: str


def add_publication(tx: Transaction, publication: Publication) -> None:
    """Keep one. StoreConflict if its id exists."""
    tx.connection.execute(insert(table), publication._asdict())


def publications_of(connection: Connection, warning_id: str) -> list[Publication]:
    """What was published of a warning, oldest first."""
    query = select(table).where(_p.warning == warning_id).order_by(_p.time, _p.id)
    return [Publication(**row) for row in connection.execute(query).mappings()]


def publication_by_id(
    connection: Connection, publication_id: str, scope: Scope = EVERYTHING
) -> Publication | None:
    """None if there is none in this scope."""
    query = select(table).where(_p.id == publication_id, in_scope(_p.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return Publication(**row) if row else None


def page_of_publications(
    connection: Connection,
    scope: Scope,
    after: PublicationCursor | None,
    limit: int,
    warning: str | None = None,
) -> Sequence[Publication]:
    """Newest first; of one warning, if it is given."""
    query = select(table).where(in_scope(_p.enterprise, scope))
    if warning is not None:
        query = query.where(_p.warning == warning)
    if after is not None:
        query = query.where(tuple_(_p.time, _p.id) < tuple_(after.time, after.id))
    query = query.order_by(_p.time.desc(), _p.id.desc()).limit(limit)
    return [Publication(**row) for row in connection.execute(query).mappings()]
