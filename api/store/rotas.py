"""Rotas in the database: read as `api.rotas.model` has them, added to, ended; never rewritten."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, insert, or_, select, update

from api.auth.principal import EVERYTHING, Scope
from api.rotas.model import Definition, Override, Rota, Version
from api.store.scope import in_scope
from api.store.tables.rotas import rota, rota_override, rota_version

_r, _v, _o = rota.c, rota_version.c, rota_override.c
_AS_THEY_ARE = (
    "id",
    "instead_of",
    "reason",
    "origin",
    "uid",
    "entered_by",
    "entered_at",
    "withdrawn_by",
    "withdrawn_at",
)
"""Fields of an override whose column has the same name and form."""


def rota_by_id(
    connection: Connection,
    rota_id: str,
    scope: Scope = EVERYTHING,
    start: int | None = None,
    end: int | None = None,
) -> Rota | None:
    """A rota with its versions, and with those overrides that touch the span; None if out of sight.

    Without `start` all overrides are there, without `end` those from `start` on.
    """
    found = _rotas(connection, and_(_r.id == rota_id, in_scope(_r.enterprise, scope)), start, end)
    return found[0] if found else None


def living_rotas(connection: Connection, scope: Scope, start: int, end: int) -> list[Rota]:
    """Every rota that is not retired, with the overrides that touch the span, by id."""
    return _rotas(connection, and_(_r.retired_at.is_(None), in_scope(_r.enterprise, scope)), start, end)


def page_of_rotas(
    connection: Connection, scope: Scope, now: int, after: str | None, limit: int, *, retired: bool
) -> list[Rota]:
    """The next rotas by id, with the overrides that still count; retired ones only if wanted."""
    condition = in_scope(_r.enterprise, scope)
    if not retired:
        condition = and_(condition, _r.retired_at.is_(None))
    if after is not None:
        condition = and_(condition, _r.id > after)
    return _rotas(connection, condition, now, None, limit)


def insert_rota(connection: Connection, made: Rota, by: str, now: int) -> None:
    """Keep a new rota with its first version. StoreConflict if the id is taken."""
    row = {
        "id": made.id,
        "enterprise": made.enterprise,
        "created_by": by,
        "created_at": now,
        "retired_by": "",
    }
    connection.execute(insert(rota).values(row))
    insert_version(connection, made.id, made.versions[0])


def insert_version(connection: Connection, rota_id: str, version: Version) -> None:
    """Keep a further version."""
    row = {
        "rota": rota_id,
        "number": version.number,
        "valid_from": version.valid_from,
        "definition": msgspec.json.encode(version.definition).decode(),
        "entered_by": version.entered_by,
        "entered_at": version.entered_at,
        "reason": version.reason,
    }
    connection.execute(insert(rota_version).values(row))


def retire_rota(connection: Connection, rota_id: str, by: str, now: int) -> None:
    """From now on only the fallback answers; what was before stays."""
    connection.execute(update(rota).where(_r.id == rota_id).values(retired_by=by, retired_at=now))


def insert_overrides(connection: Connection, of: Rota, overrides: Sequence[Override]) -> None:
    """Keep these."""
    if overrides:
        connection.execute(insert(rota_override), [_override_row(of, override) for override in overrides])


def withdraw_overrides(connection: Connection, ids: Iterable[str], by: str, now: int) -> None:
    """They count no longer. Those that were withdrawn before stay as they are."""
    for override_id in ids:
        where = (_o.id == override_id, _o.withdrawn_at.is_(None))
        connection.execute(update(rota_override).where(*where).values(withdrawn_by=by, withdrawn_at=now))


def _rotas(
    connection: Connection, condition: Any, start: int | None, end: int | None, limit: int | None = None
) -> list[Rota]:
    rows = connection.execute(select(rota).where(condition).order_by(_r.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    versions: dict[str, list[Version]] = {one: [] for one in ids}
    query = select(rota_version).where(_v.rota.in_(ids)).order_by(_v.rota, _v.number)
    for row in connection.execute(query).mappings():
        versions[row["rota"]].append(_version(row))
    overrides = _overrides(connection, ids, start, end)
    return [
        Rota(
            id=row["id"],
            enterprise=row["enterprise"],
            versions=tuple(versions[row["id"]]),
            overrides=tuple(overrides[row["id"]]),
            retired_at=row["retired_at"],
        )
        for row in rows
    ]


def _overrides(
    connection: Connection, ids: list[str], start: int | None, end: int | None
) -> dict[str, list[Override]]:
    query = select(rota_override).where(_o.rota.in_(ids)).order_by(_o.number)
    if start is not None:
        query = query.where(_o.end_at > start, or_(_o.withdrawn_at.is_(None), _o.withdrawn_at > start))
    if end is not None:
        query = query.where(_o.start_at < end)
    found: dict[str, list[Override]] = {one: [] for one in ids}
    for row in connection.execute(query).mappings():
        found[row["rota"]].append(_override(row))
    return found


def _version(row: Any) -> Version:
    return Version(
        number=row["number"],
        valid_from=row["valid_from"],
        definition=msgspec.json.decode(row["definition"], type=Definition),
        entered_by=row["entered_by"],
        entered_at=row["entered_at"],
        reason=row["reason"],
    )


def _override(row: Any) -> Override:
    return Override(
        receivers=msgspec.json.decode(row["receivers"], type=tuple[str, ...]),
        start=row["start_at"],
        end=row["end_at"],
        **{name: row[name] for name in _AS_THEY_ARE},
    )


def _override_row(of: Rota, override: Override) -> dict[str, Any]:
    return {name: getattr(override, name) for name in _AS_THEY_ARE} | {
        "rota": of.id,
        "enterprise": of.enterprise,
        "receivers": msgspec.json.encode(override.receivers).decode(),
        "start_at": override.start,
        "end_at": override.end,
    }
