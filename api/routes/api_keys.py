"""Keys of gateways, wall displays and persons' own programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.machine_keys import KeyWish
from api.auth.principal import Principal
from api.auth.schemas import KeyPage, KeyRequest, KeyView, NewKey, key_fields
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView

router = APIRouter(
    prefix="/api-keys",
    tags=["keys"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)

Owner = Annotated[Principal, Depends(require("key.own"))]


@router.get("")
async def list_keys(
    parts: PartsOf,
    owner: Owner,
    after: Annotated[str | None, Query(description="`next` of the page before.", max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Keys on the page at most.")] = 100,
) -> KeyPage:
    """One's own keys, and for those who may read keys all keys within their scope, withdrawn ones too."""
    directory = parts.auth.access.directory
    keys = parts.auth.machine_keys.in_sight(directory.keys.values(), owner)
    found = [key for key in keys if after is None or key.id > after]
    shown = found[:limit]
    return KeyPage(
        keys=[KeyView(**key_fields(key, directory)) for key in shown],
        next=shown[-1].id if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def add_key(body: KeyRequest, parts: PartsOf, owner: Owner) -> NewKey:
    """A new key, shown only now. Everybody may have one of his own; others need `key.manage`."""
    wish = KeyWish(body.kind, body.name, body.scope.grant(), tuple(body.networks), body.days)
    machine_keys = parts.auth.machine_keys
    key, text = await parts.writer.run(lambda tx: machine_keys.add(tx, owner, wish))
    return NewKey(**key_fields(key, parts.auth.access.directory), key=text)


@router.delete("/{key_id}", status_code=204)
async def withdraw_key(key_id: str, parts: PartsOf, owner: Owner) -> None:
    """Withdraw a key: one's own, or with `key.manage` any in sight. It counts at once."""
    machine_keys = parts.auth.machine_keys
    await parts.writer.run(lambda tx: machine_keys.revoke(tx, owner, key_id))
