"""The pages that are made from the code are what the code makes."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from prometheus_client import CollectorRegistry

import api
from alarm_rules.pack_files import load_system_rules
from api.metrics import Metrics
from api.settings import ApiSettings
from gateway.http import GatewayHttp
from gateway.settings import GatewaySettings
from hazardwatch.reference.interfaces import GATEWAY_OPEN
from hazardwatch.reference.markdown import MarkersWrong, fill, table
from hazardwatch.reference.pages import PAGES, outdated
from hazardwatch.reference.service import registry_of_service

DOCS = Path(__file__).parents[2] / "docs"


def test_pages_are_what_the_code_makes() -> None:
    assert [str(path) for path in outdated(DOCS)] == [], "run  make docs  and commit the pages"


@pytest.mark.parametrize("model", [GatewaySettings, ApiSettings])
def test_every_setting_is_on_the_page_with_a_description(model: type[GatewaySettings]) -> None:
    page = (DOCS / "settings.md").read_text()
    for name, field in model.model_fields.items():
        variable = f"{model.model_config['env_prefix']}{name}".upper()
        assert f"| `{variable}` |" in page
        assert field.description, f"{variable} has no description"


def test_page_with_an_outdated_section_is_found_and_mended(tmp_path: Path) -> None:
    for name in PAGES:
        (tmp_path / name).write_text((DOCS / name).read_text())
    page = tmp_path / "metrics.md"
    page.write_text(page.read_text().replace("hazardwatch_samples_total", "hazardwatch_samples_of_before"))
    found = outdated(tmp_path)
    assert list(found) == [page]
    assert found[page] == (DOCS / "metrics.md").read_text()


@pytest.mark.parametrize(
    "page",
    [
        "no marker at all\n",
        "<!-- generated: other -->\n<!-- end -->\n",
        "<!-- generated: one -->\n<!-- end -->\n<!-- generated: one -->\n<!-- end -->\n",
    ],
)
def test_page_without_its_markers_is_refused(page: str) -> None:
    with pytest.raises(MarkersWrong, match="one"):
        fill(page, {"one": "text"})


def test_table_cells_hold_bars_and_line_ends() -> None:
    assert table(("a", "b"), [("x | y", "two\n lines")]).splitlines()[2] == "| x \\| y | two lines |"


async def test_gateway_routes_are_guarded_as_the_page_says(tmp_path: Path) -> None:
    token = tmp_path / "intake.token"
    token.write_text("secret")
    nothing = cast(Any, None)  # a refused request never reaches what is behind the door
    app = GatewayHttp(nothing, nothing, nothing, token).app
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for route in cast(list[Any], app.routes):
            method = "POST" if "POST" in route.methods else "GET"
            path = route.path.replace("{point:path}", "E/P").replace("{row:int}", "1")
            refused = (await client.request(method, path)).status_code == 401
            assert refused == (route.path not in GATEWAY_OPEN), route.path


def test_every_system_condition_is_explained_in_operations() -> None:
    operations = (DOCS / "operations.md").read_text()
    for rule in load_system_rules():
        assert f"`{rule.removeprefix('system/')}`" in operations, f"docs/operations.md says nothing of {rule}"


def _metric_classes() -> list[Any]:
    names = [
        module.name
        for module in pkgutil.walk_packages(api.__path__, "api.")
        if "migrations" not in module.name
    ]
    modules = [importlib.import_module(name) for name in names if name.endswith("metrics")]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and value is not Metrics
    ]


def test_figures_of_every_part_are_on_the_page() -> None:
    page = (DOCS / "metrics.md").read_text()
    classes = _metric_classes()
    assert len(classes) > 10
    for part in classes:
        registry = CollectorRegistry()
        part(registry)
        for family in registry.collect():
            name = family.name + ("_total" if family.type == "counter" else "")
            assert f"| `{name}` |" in page, f"{name} of {part.__module__}"


def test_service_that_is_asked_for_its_figures_takes_no_settings_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HAZARDWATCH_API_DATABASE_URL", "mysql://never.example/asked")
    names = {family.name for family in registry_of_service().collect()}
    assert {"hazardwatch_api_open_alarms", "hazardwatch_api_timers_failed"} <= names
