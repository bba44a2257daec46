"""The parts of a running alert service, as routes find them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.alarms.part import AlarmPart
from api.alarms.quality.part import QualityPart
from api.answering.part import Answering
from api.approvals.service import Approvals
from api.audit.part import AuditPart
from api.auth.assembly import Auth
from api.auth.keys import Operators
from api.back_testing.jobs import BackTests
from api.catalogue import Catalogue
from api.desks.composing import Desks
from api.escalation.part import EscalationPart
from api.figures.part import Figures
from api.history import GatewayHistory
from api.limits.service import LimitChanges
from api.live import LiveHub
from api.metrics import Metrics
from api.notify.part import Notify
from api.publish.part import PublishPart
from api.publish.press import Press
from api.register.part import RegisterPart
from api.reports.part import Reports
from api.rotas.part import Rotas
from api.rule_book.listing import RuleListing
from api.service import AlarmService
from api.settings import ApiSettings
from api.setup.gateway_side import GatewaySide
from api.store.writer import Clock, Reader, Writer
from api.values import LatestValues
from api.watch.part import WatchPart


@dataclass(frozen=True)
class Parts:
    """Made once in `app.py`."""

    settings: ApiSettings
    clock: Clock
    metrics: Metrics
    operators: Operators
    auth: Auth
    intake_token: str
    catalogue: Catalogue
    values: LatestValues
    register: RegisterPart
    hub: LiveHub
    writer: Writer
    reader: Reader
    service: AlarmService
    audit: AuditPart
    approvals: Approvals
    limits: LimitChanges
    back_tests: BackTests
    rules: RuleListing
    watch: WatchPart
    publish: PublishPart
    press: Press
    rotas: Rotas
    answering: Answering
    history: GatewayHistory
    gateway: GatewaySide
    started_time: int
    """When the service began, ns UTC."""
    figures: Figures
    reports: Reports
    alarms: AlarmPart
    quality: QualityPart
    notify: Notify
    escalation: EscalationPart
    desks: Desks


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that serves this connection."""
    parts = connection.app.state.parts
    assert isinstance(parts, Parts)
    return parts


async def _parts(connection: HTTPConnection) -> Parts:
    """The same as a dependency: not in another thread, as a plain function would be."""
    return parts_of(connection)


PartsOf = Annotated[Parts, Depends(_parts)]
