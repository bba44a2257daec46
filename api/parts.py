"""The parts of a running alert service, as routes find them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.auth.keys import Operators
from api.catalogue import Catalogue
from api.history import GatewayHistory
from api.live import LiveHub
from api.metrics import Metrics
from api.service import AlarmService
from api.settings import ApiSettings
from api.store.writer import Clock, Reader, Writer
from api.values import LatestValues


@dataclass(frozen=True)
class Parts:
    """Made once in `app.py`."""

    settings: ApiSettings
    clock: Clock
    metrics: Metrics
    operators: Operators
    intake_token: str
    catalogue: Catalogue
    values: LatestValues
    hub: LiveHub
    writer: Writer
    reader: Reader
    service: AlarmService
    history: GatewayHistory


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that serves this connection."""
    parts = connection.app.state.parts
    assert isinstance(parts, Parts)
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
