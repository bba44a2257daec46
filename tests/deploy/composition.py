"""docker-compose.yml and its override as data."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
TLS = yaml.safe_load((ROOT / "deploy" / "tls.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}")


def make_secrets_script() -> Any:
    """deploy/make-secrets as a module."""
    loader = SourceFileLoader("make_secrets", str(ROOT / "deploy" / "make-secrets"))
    spec = spec_from_loader(loader.name, loader)
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def filled(text: str) -> str:
    """With compose's variables put in: their default, or a stand-in for a secret."""
    return VARIABLE.sub(lambda m: m["rest"] if m["kind"] == ":-" else f"value-of-{m['name']}", text)


def environment(service: str, *, tls: bool = False) -> dict[str, str]:
    """What the process of a service finds in its environment."""
    found = dict(SERVICES[service].get("environment", {}))
    if tls:
        found |= TLS["services"].get(service, {}).get("environment", {})
    return {name: filled(value) for name, value in found.items()}


def texts(node: Any) -> list[str]:
    """Every text below a node of the file."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []
