"""What the gateway posts: condition changes, which are stored, and latest values, which are not."""

from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.requests import ClientDisconnect

from alarm_rules.condition import ConditionDelivery, ValueDelivery
from api.auth.deliveries import Deliverer, foreign_part
from api.guards import Gateway, require_gateway
from api.intake import BrokenSequence, SequenceGap
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import ConditionsAccepted, ProblemView, ValuesAccepted
from api.store.errors import StoreConflict, StoreUnavailable

router = APIRouter(prefix="/intake", tags=["intake"], dependencies=[Depends(require_gateway)])

T = TypeVar("T", ConditionDelivery, ValueDelivery)


def _body_of(kind: type[Any]) -> dict[str, Any]:
    """The OpenAPI description of a body that msgspec reads: its schema without outside references."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    definition = components[schema["$ref"].rpartition("/")[2]]
    text = msgspec.json.encode({"schema": definition}).decode()
    for name, other in sorted(components.items(), reverse=True):
        reference = f'{{"$ref":"#/$defs/{name}"}}'
        text = text.replace(reference, msgspec.json.encode(other).decode())
    content = {"application/json": msgspec.json.decode(text)}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/conditions",
    response_model=ConditionsAccepted,
    responses={
        403: {"model": ProblemView},
        409: {"model": ProblemView},
        422: {"model": ProblemView},
        503: {"model": ProblemView},
    },
    openapi_extra=_body_of(ConditionDelivery),
)
async def take_conditions(request: Request, parts: PartsOf, gateway: Gateway) -> ConditionsAccepted:
    """Take consecutive changes of a journal, oldest first; repeating a delivery is harmless.

    The answer is given when everything up to `accepted_through` is on disk. A delivery that begins
    after a gap is refused with 409 and the number that is `expected`: deliver again from there.
    """
    refused = parts.metrics.deliveries_refused
    delivery = await _read(request, parts, ConditionDelivery, gateway)
    try:
        return ConditionsAccepted(accepted_through=await parts.service.take(delivery))
    except SequenceGap as gap:
        refused.labels("gap").inc()
        raise Problem(409, "sequence-gap", str(gap), expected=gap.expected) from gap
    except BrokenSequence:
        refused.labels("broken_sequence").inc()
        raise
    except (StoreUnavailable, StoreConflict):
        refused.labels("store").inc()
        raise


@router.post(
    "/values",
    response_model=ValuesAccepted,
    responses={403: {"model": ProblemView}, 422: {"model": ProblemView}},
    openapi_extra=_body_of(ValueDelivery),
)
async def take_values(request: Request, parts: PartsOf, gateway: Gateway) -> ValuesAccepted:
    """Take newest values for the screens. They are kept in memory alone."""
    delivery = await _read(request, parts, ValueDelivery, gateway)
    taken = parts.values.take(delivery, parts.clock())
    parts.metrics.values_accepted.inc(taken.accepted)
    parts.metrics.values_unknown.inc(taken.unknown)
    return ValuesAccepted(accepted=taken.accepted, unknown=taken.unknown)


async def _read(request: Request, parts: Parts, kind: type[T], gateway: Deliverer) -> T:
    try:
        body = await _body(request, parts)
    except ClientDisconnect:
        parts.metrics.deliveries_refused.labels("client_gone").inc()
        raise
    try:
        delivery = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        parts.metrics.deliveries_refused.labels("unreadable").inc()
        raise Problem(422, "unreadable-delivery", f"not a {kind.__name__}: {error}") from error
    if foreign := foreign_part(gateway, delivery):
        parts.auth.metrics.foreign_deliveries.inc()
        raise Problem(403, "foreign-delivery", foreign)
    return delivery


async def _body(request: Request, parts: Parts) -> bytearray:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > parts.settings.max_intake_bytes:
            parts.metrics.deliveries_refused.labels("too_large").inc()
            raise Problem(
                413,
                "delivery-too-large",
                f"more than {parts.settings.max_intake_bytes} bytes: send fewer at a time",
            )
    return body
