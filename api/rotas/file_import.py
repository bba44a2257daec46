"""A YAML file of rotas: what it would change, carried out as a whole or not at all; and the rotas as a file.

A rota that is not there is made. One that is there gets a new version, valid at once; who was on call before
stays provable. One that is as the file says stays as it is, and rotas that the file leaves out are untouched.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec
import yaml
from sqlalchemy import Connection

from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.rotas.check import RotaFinding, check_definition
from api.rotas.definition import DefinitionBody, body_of
from api.rotas.holding import HoleWatch
from api.rotas.model import Definition, Rota, Version
from api.rotas.people import People, within
from api.rotas.rota_file import RotaEntry, RotaFile
from api.rotas.service import RotaFileInvalid, actor, may_change
from api.store.rotas import insert_rota, insert_version, living_rotas, rota_by_id
from api.store.writer import Reader, Transaction, Writer

Kind = Literal["added", "changed", "same"]


class Differs(NamedTuple):
    """One field of a rota that the file changes; None: not given."""

    field: str
    """As in the file: `fallback`, `layers.夜班.turns`."""
    old: Any
    new: Any


class Brought(NamedTuple):
    """What the file does with one rota."""

    kind: Kind
    id: str
    enterprise: str
    definition: Definition
    differs: tuple[Differs, ...]
    version: int
    """Number of the version that is written."""


class RotaFiles:
    """For routes."""

    def __init__(self, writer: Writer, reader: Reader, people: People, watch: HoleWatch) -> None:
        self._writer, self._reader, self._people, self._watch = writer, reader, people, watch

    async def look(self, by: Principal, text: str, file: str, now: int) -> list[Brought]:
        """What it would do. Raises RotaFileInvalid with file and line."""
        return await self._reader.run(lambda connection: self._read(connection, by, text, file, now))

    async def bring_in(self, by: Principal, text: str, file: str) -> list[Brought]:
        """Carry it out, all or nothing. Raises RotaFileInvalid."""
        return await self._writer.run(lambda tx: self._carry_out(tx, by, text, file))

    async def export(self, scope: Scope, enterprise: str | None, now: int) -> bytes:
        """The rotas in sight that are in use, as a file. enterprise: of it alone ("": the bureau's)."""
        found = await self._reader.run(lambda connection: living_rotas(connection, scope, now, now + 1))
        rotas = [rota for rota in found if enterprise in (None, rota.enterprise)]
        tree = {"rotas": [_written(rota, now) for rota in rotas]}
        return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=110).encode()

    def _carry_out(self, tx: Transaction, by: Principal, text: str, file: str) -> list[Brought]:
        found = self._read(tx.connection, by, text, file, tx.now)
        for brought in found:
            if brought.kind == "same":
                continue
            version = Version(
                number=brought.version,
                valid_from=tx.now,
                definition=brought.definition,
                entered_by=by.name,
                entered_at=tx.now,
                reason=file,
            )
            if brought.kind == "added":
                made = Rota(id=brought.id, enterprise=brought.enterprise, versions=(version,))
                insert_rota(tx.connection, made, by.name, tx.now)
            else:
                insert_version(tx.connection, brought.id, version)
            action = "create-rota" if brought.kind == "added" else "change-rota"
            words = f"{file} {msgspec.json.encode(brought.definition).decode()}"
            tx.audit(actor(by), action, brought.id, words, brought.enterprise)
            self._watch.look(tx, brought.id)
        return found

    def _read(self, connection: Connection, by: Principal, text: str, file: str, now: int) -> list[Brought]:
        read = RotaFile(text, file)
        people = self._people(connection)
        brought = []
        for entry, source in read.entries:
            known = rota_by_id(connection, entry.id)
            definition = entry.definition()
            found = check_definition(definition, within(people, entry.enterprise))
            read.add(source, [*found, *_forbidden(by, entry, known)])
            brought.append(_brought(entry, definition, known, now))
        if read.findings:
            raise RotaFileInvalid(read.findings)
        return brought


def _forbidden(by: Principal, entry: RotaEntry, known: Rota | None) -> Iterator[RotaFinding]:
    if not may_change(by, entry.enterprise):
        yield RotaFinding(
            "enterprise",
            both(f"{by.name} 不能更改它", f"{by.name} may not change it"),
            both("请写自己的企业", "name your own"),
        )
    elif known is not None and known.enterprise != entry.enterprise:
        yield RotaFinding(
            "id",
            both("已有此编号的值班表", "there is a rota of this id already"),
            both("请换一个", "choose another"),
        )
    elif known is not None and known.retired_at is not None:
        yield RotaFinding(
            "id",
            both("此编号的值班表已停用", "a rota of this id was retired"),
            both("请换一个", "choose another"),
        )


def _brought(entry: RotaEntry, definition: Definition, known: Rota | None, now: int) -> Brought:
    if known is None:
        return Brought("added", entry.id, entry.enterprise, definition, (), 1)
    before = known.version_at(now).definition
    differs = tuple(difference(body_of(before), body_of(definition)))
    kind: Kind = "changed" if differs else "same"
    return Brought(kind, entry.id, entry.enterprise, definition, differs, known.versions[-1].number + 1)


def difference(old: DefinitionBody, new: DefinitionBody) -> Iterator[Differs]:
    """Field by field; layers by their names, and their order."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    layers = [{layer["name"]: layer for layer in each.pop("layers")} for each in (before, after)]
    yield from _fields("", before, after)
    if list(layers[0]) != list(layers[1]):
        yield Differs("layers", list(layers[0]), list(layers[1]))
    for name in layers[0].keys() & layers[1].keys():
        yield from _fields(f"layers.{name}.", layers[0][name], layers[1][name])


def _fields(prefix: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Differs]:
    for name in new:
        if old.get(name) != new[name]:
            yield Differs(f"{prefix}{name}", old.get(name), new[name])


def _written(rota: Rota, now: int) -> dict[str, Any]:
    """As a person would write it: what is as by default is left out."""
    body = body_of(rota.version_at(now).definition).model_dump(mode="json", exclude_defaults=True)
    head = {"id": rota.id} | ({"enterprise": rota.enterprise} if rota.enterprise else {})
    return head | body
