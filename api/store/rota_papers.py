"""What goes with a rota: offers to swap, hand-over notes, and the secret addresses of its calendar."""

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from api.rotas.model import Rota
from api.rotas.papers import Feed, Note
from api.rotas.swaps import Swap
from api.store.tables.rotas import rota_feed, rota_note, rota_swap

_s, _n, _f = rota_swap.c, rota_note.c, rota_feed.c
_RENAMED = {"start": "start_at", "end": "end_at"}
"""Fields of a swap whose column has another name: END is a word of SQL."""


def insert_swap(connection: Connection, of: Rota, swap: Swap) -> None:
    """Keep an offer."""
    row = {_RENAMED.get(name, name): value for name, value in msgspec.structs.asdict(swap).items()}
    connection.execute(insert(rota_swap).values(enterprise=of.enterprise, **row))


def answer_swap(connection: Connection, swap: Swap) -> None:
    """Keep the answer to an offer."""
    answer = {name: getattr(swap, name) for name in ("state", "answered_by", "answered_at", "answer_note")}
    connection.execute(update(rota_swap).where(_s.id == swap.id).values(answer))


def swap_by_id(connection: Connection, rota_id: str, swap_id: str) -> Swap | None:
    """An offer of this rota."""
    found = _swaps(connection, select(rota_swap).where(_s.rota == rota_id, _s.id == swap_id))
    return found[0] if found else None


def page_of_swaps(
    connection: Connection, rota_id: str, after: int | None, limit: int
) -> list[tuple[int, Swap]]:
    """Offers with their numbers, the newest first, older than `after`."""
    query = select(rota_swap).where(_s.rota == rota_id).order_by(_s.number.desc()).limit(limit)
    if after is not None:
        query = query.where(_s.number < after)
    return [(row["number"], _swap(row)) for row in connection.execute(query).mappings()]


def insert_note(connection: Connection, of: Rota, by: str, text: str, now: int) -> Note:
    """Keep a note; its number says its place."""
    row = {"rota": of.id, "enterprise": of.enterprise, "time": now, "written_by": by, "text": text}
    number = connection.execute(insert(rota_note).values(row).returning(_n.number)).scalar_one()
    return Note(number=number, time=now, written_by=by, text=text)


def page_of_notes(connection: Connection, rota_id: str, after: int | None, limit: int) -> list[Note]:
    """Notes, the newest first, older than number `after`."""
    columns = (_n.number, _n.time, _n.written_by, _n.text)
    query = select(*columns).where(_n.rota == rota_id).order_by(_n.number.desc()).limit(limit)
    if after is not None:
        query = query.where(_n.number < after)
    return [Note(**row) for row in connection.execute(query).mappings()]


def insert_feed(connection: Connection, of: Rota, feed: Feed, token_hash: str) -> None:
    """Keep a feed by the hash of its secret."""
    row = msgspec.structs.asdict(feed) | {"enterprise": of.enterprise, "token_hash": token_hash}
    connection.execute(insert(rota_feed).values(row))


def feed_by_token(connection: Connection, token_hash: str) -> Feed | None:
    """The feed of this secret, revoked or not."""
    row = connection.execute(_feeds().where(_f.token_hash == token_hash)).mappings().first()
    return Feed(**row) if row else None


def feeds_of(connection: Connection, rota_id: str) -> list[Feed]:
    """Feeds of a rota, those that were revoked too."""
    query = _feeds().where(_f.rota == rota_id).order_by(_f.created_at, _f.id)
    return [Feed(**row) for row in connection.execute(query).mappings()]


def revoke_feed(connection: Connection, rota_id: str, feed_id: str, by: str, now: int) -> bool:
    """Nobody gets this calendar any more; was there such a living feed?"""
    where = (_f.rota == rota_id, _f.id == feed_id, _f.revoked_at.is_(None))
    change = update(rota_feed).where(*where).values(revoked_by=by, revoked_at=now)
    return connection.execute(change).rowcount == 1


def _feeds() -> Any:
    return select(*(rota_feed.c[name] for name in Feed.__struct_fields__))


def _swaps(connection: Connection, query: Any) -> list[Swap]:
    return [_swap(row) for row in connection.execute(query).mappings()]


def _swap(row: Any) -> Swap:
    return Swap(**{name: row[_RENAMED.get(name, name)] for name in Swap.__struct_fields__})
