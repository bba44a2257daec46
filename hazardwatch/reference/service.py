"""The alert service composed as it runs, in a folder that is thrown away, to be asked what it shows."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from alarm_rules.model import Enterprise, Site
from api.app import create_app
from api.settings import ApiSettings
from gateway.serving import ensure_token

NOWHERE = "http://127.0.0.1:9"
"""Discard: no gateway that runs on this machine shall be asked anything."""

SITE = Site(enterprises=(Enterprise(id="E001", name="示范企业", installations=()),), points=(), rules=())
"""Enough to have a desk that reports are made for."""


class _DefaultSettings(ApiSettings):
    """Without what the environment says: pages are the same wherever they are made."""

    @classmethod
    def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, **_others: Any) -> Any:  # type: ignore[override]
        return (init_settings,)


def registry_of_service() -> CollectorRegistry:
    """Every figure of every part. Starts the service and ends it again; nobody can reach it meanwhile."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-reference-") as folder:
        return asyncio.run(_registry(Path(folder)))


async def _registry(folder: Path) -> CollectorRegistry:
    settings = _DefaultSettings(data_folder=folder, gateway_url=NOWHERE)
    ensure_token(settings.intake_token_file)
    app = create_app(settings, site=SITE)
    with structlog.testing.capture_logs():
        async with app.router.lifespan_context(app):
            registry: CollectorRegistry = app.state.parts.metrics.registry
            return registry
