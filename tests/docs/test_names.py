"""Settings and routes that the pages name are there."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from api.app import ROUTERS
from api.settings import ApiSettings
from gateway.http import GatewayHttp
from gateway.settings import GatewaySettings

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
_VARIABLE = re.compile(r"HAZARDWATCH_(?:API|GATEWAY)_[A-Z][A-Z0-9_]*[A-Z0-9]")
_ROUTE = re.compile(r"`(?:GET|POST|PUT|DELETE) (/[^\s`?]*)")


def _settings() -> set[str]:
    return {
        f"{model.model_config['env_prefix']}{name}".upper()
        for model in (ApiSettings, GatewaySettings)
        for name in model.model_fields
    }


def _routes() -> set[str]:
    nothing = cast(Any, None)
    ours = [route for router in ROUTERS for route in router.routes]
    paths = [getattr(route, "path", "") for route in ours]
    paths += [
        route.path for route in cast(list[Any], GatewayHttp(nothing, nothing, nothing, Path()).app.routes)
    ]
    return {_shape(path) for path in paths}


def _shape(path: str) -> str:
    """Without the names of what varies."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_that_a_page_names_exist(page: Path) -> None:
    assert set(_VARIABLE.findall(page.read_text("utf-8"))) <= _settings()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_routes_that_a_page_names_exist(page: Path) -> None:
    named = {_shape(path) for path in _ROUTE.findall(page.read_text("utf-8"))}
    assert named - _routes() == set()
