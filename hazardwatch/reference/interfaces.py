"""What the processes show to the outside: metrics, HTTP routes, codecs, qualities, commands."""

from pathlib import Path
from typing import Any, cast

import typer.main
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

import gateway.metrics
from api import guards
from api.routers import ROUTERS
from detectors.quality import CLEARS, FIRST_BAD, NAMES
from gateway.codecs import codecs
from gateway.http import GatewayHttp
from hazardwatch.reference.markdown import code, table
from hazardwatch.reference.service import registry_of_service

GATEWAY_OPEN = ("/health", "/metrics")
"""Routes of the gateway's HTTP side that ask for no token."""


def gateway_metrics_table() -> str:
    return _metrics(gateway.metrics.Metrics().registry)


def api_metrics_table() -> str:
    """Of every part: those that are in the registry of a service that runs."""
    return _metrics(registry_of_service())


def _metrics(registry: CollectorRegistry) -> str:
    rows = []
    for figure in registry._collector_to_names:
        assert isinstance(figure, MetricWrapperBase), f"{figure} cannot be described"
        family = next(iter(figure.describe()))
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = ", ".join(map(code, figure._labelnames))
        rows.append((code(name), family.type, labels, family.documentation.rstrip(".") + "."))
    return table(("metric", "kind", "labels", "what"), sorted(rows))


def api_routes_table() -> str:
    """Every route of the alert service with its guard, those outside its OpenAPI description too."""
    rows = []
    for router in ROUTERS:
        for route in router.routes:
            path = str(getattr(route, "path", ""))
            methods = ", ".join(sorted(getattr(route, "methods", None) or ("WebSocket",)))
            rows.append((methods, code(path), _guard(route, path), _first_sentence(route)))
    return table(("method", "path", "who may", "what"), sorted(rows, key=lambda row: row[1]))


def _guard(route: object, path: str) -> str:
    calls = set(guards._calls(route.dependant)) if hasattr(route, "dependant") else set()
    for call in calls:
        if permission := getattr(call, "permission", None):
            return f"a person who may {permission}"
    if guards.require_person in calls:
        return "somebody with a login" if guards.require_login in calls else "somebody who is known"
    if guards.require_gateway in calls:
        return "a gateway, by its key or the shared token"
    if guards.require_metrics_reader in calls:
        return "anybody on this machine, else who may metrics.read"
    if guards.require_voice_provider in calls:
        return "a voice provider, by the signature of the body"
    if guards.require_setup_code in calls:
        return "who has the code of the first start, until that is over"
    return f"anybody: {guards.OPEN[path]}"


def gateway_routes_table() -> str:
    """Every route of the gateway's HTTP side."""
    nothing = cast(Any, None)
    routes = GatewayHttp(nothing, nothing, nothing, Path()).app.routes
    return table(
        ("method", "path", "who may", "what"),
        [
            (
                ", ".join(sorted(set(route.methods or ()) - {"HEAD"})),
                code(route.path),
                "anybody who reaches the port" if route.path in GATEWAY_OPEN else "who has the shared token",
                _first_sentence(route),
            )
            for route in cast(list[Any], routes)
        ],
    )


def _first_sentence(route: object) -> str:
    doc = str(getattr(route, "endpoint", route).__doc__ or "")
    return " ".join(doc.strip().split("\n\n")[0].split())


def codecs_table() -> str:
    return table(
        ("codec", "what"), [(code(name), _first_sentence(codec)) for name, codec in sorted(codecs().items())]
    )


def qualities_table() -> str:
    """Names that a message's `q` may give, and what such a sample can do."""
    return table(
        ("name", "code", "may begin a condition", "may end one"),
        [
            (
                code(name),
                f"0x{number:02X}",
                "no" if number >= FIRST_BAD else "yes",
                "yes" if CLEARS[number] else "no",
            )
            for name, number in NAMES.items()
        ],
    )


def commands_section() -> str:
    """Every command of the command line with its options."""
    from hazardwatch.cli import app

    return "\n".join(_commands(typer.main.get_command(app), "hazardwatch"))


def _commands(group: Any, above: str) -> list[str]:
    parts = []
    for name, command in group.commands.items():
        title = f"{above} {name}"
        if hasattr(command, "commands"):
            parts += _commands(command, title)
        elif not command.hidden:
            rows = [_parameter(parameter) for parameter in command.params]
            head = f"### `{title}`\n\n{' '.join((command.help or '').split())}\n"
            body = "\n" + table(("argument or option", "default", "what"), rows) if rows else ""
            parts.append(head + body)
    return parts


def _parameter(parameter: Any) -> tuple[str, str, str]:
    names = ", ".join(map(code, (*parameter.opts, *parameter.secondary_opts)))
    if parameter.param_type_name == "argument":
        names = code(parameter.name.upper())
    text = parameter.help or ""
    if parameter.envvar:
        text += f" From {code(parameter.envvar)} when that is set."
    default = parameter.default
    said = default is not None and default is not False and default not in ("", [], ())
    return names, code(str(default)) if said and not parameter.required else "", text.strip()
