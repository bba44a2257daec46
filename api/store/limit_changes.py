"""Changes of limits in the database."""

import json
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.limits.model import LimitChange, LimitFact
from api.store.errors import StoreConflict
from api.store.scope import in_scope
from api.store.tables.limit_changes import limit_change

_c = limit_change.c


def add_limit_change(connection: Connection, change: LimitChange) -> None:
    """Keep a new one, after its proposal."""
    connection.execute(insert(limit_change).values(_row(change)))


def note_applied(connection: Connection, after: LimitChange) -> None:
    """Keep that the site has it. StoreConflict if somebody else has noted it meanwhile."""
    fields = ("applied_by", "applied_at", "applied_file", "applied_digest")
    values = {name: getattr(after, name) for name in fields}
    same = (_c.id == after.id, _c.applied_at.is_(None))
    if connection.execute(update(limit_change).where(*same).values(values)).rowcount != 1:
        raise StoreConflict(
            both(
                f"限值更改 {after.id} 已由他人记为生效：请重新查看",
                f"change of limits {after.id} was noted as applied by somebody else: look again",
            )
        )


def limit_change_by_id(
    connection: Connection, change_id: str, scope: Scope = EVERYTHING
) -> LimitChange | None:
    """One change; None if there is none in sight."""
    query = select(limit_change).where(_c.id == change_id, in_scope(_c.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return _change(row) if row else None


def limit_changes_of(connection: Connection, ids: Collection[str]) -> dict[str, LimitChange]:
    """Those of these ids, by id."""
    query = select(limit_change).where(_c.id.in_(sorted(ids)))
    return {row["id"]: _change(row) for row in connection.execute(query).mappings()}


def _row(change: LimitChange) -> dict[str, Any]:
    row = msgspec.structs.asdict(change)
    facts = [msgspec.to_builtins(fact) for fact in change.facts]
    return row | {"facts": json.dumps(facts, ensure_ascii=False)}


def _change(row: Any) -> LimitChange:
    facts = msgspec.json.decode(row["facts"], type=tuple[LimitFact, ...])
    return LimitChange(**{**row, "facts": facts})
