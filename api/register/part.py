"""The register in a running service, put together: what routes use."""

from dataclasses import dataclass
from typing import Protocol

import httpx
from prometheus_client import CollectorRegistry

from api.approvals.service import Approvals
from api.catalogue import Catalogue
from api.register.gateway_finds import GatewayFinds
from api.register.importing import KNOWN_ERRORS as KNOWN_ERRORS
from api.register.importing import RegisterImports
from api.register.in_force import RegisterWatch
from api.register.points import PointFinder
from api.register.staged import StagedFiles
from api.settings import ApiSettings
from api.store.writer import Clock, Reader, Writer
from api.values import LatestValues

FILE_PATHS = ("/register/import",)
"""Ends of the paths to which people send files."""
STAGED = "register-imports"


@dataclass(frozen=True)
class RegisterPart:
    """One field of `Parts`."""

    points: PointFinder
    imports: RegisterImports
    watch: RegisterWatch
    finds: GatewayFinds


class Ground(Protocol):
    """What the part stands on; `api.starting` has it."""

    @property
    def settings(self) -> ApiSettings: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def values(self) -> LatestValues: ...
    @property
    def gateway(self) -> httpx.AsyncClient: ...
    @property
    def writer(self) -> Writer: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> CollectorRegistry: ...


def open_register_part(ground: Ground, approvals: Approvals) -> RegisterPart:
    """Call once, before anything is proposed."""
    settings = ground.settings
    return RegisterPart(
        points=PointFinder(ground.catalogue, ground.values, ground.clock),
        imports=RegisterImports(
            settings.site,
            StagedFiles(settings.data_folder / STAGED),
            ground.catalogue,
            approvals,
            ground.writer,
            ground.reader,
            ground.clock,
            ground.registry,
            may_write=settings.register_apply,
        ),
        watch=RegisterWatch(settings.site, ground.catalogue.site, ground.gateway),
        finds=GatewayFinds(ground.gateway),
    )
