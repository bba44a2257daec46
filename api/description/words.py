"""The words of the document that stand in files: groups, fields, parameters, examples."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from alarm_rules.yaml_lines import SAFE_LOADER

FOLDER = Path(__file__).parent


@cache
def words(name: str) -> dict[str, Any]:
    """What `{name}.yaml` in this folder says. KeyError or OSError if the release lacks it."""
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.load(file, SAFE_LOADER)
    return content


def field_words(schema: str, field: str) -> str:
    """What a field is, by the schema it stands in or by its name alone; empty if nobody has said it."""
    fields = words("glossary")["fields"]
    return str(fields.get(f"{schema}.{field}") or fields.get(field) or "")


def parameter_words(name: str) -> str:
    """What a parameter of a path or query is; empty if nobody has said it."""
    return str(words("glossary")["parameters"].get(name, ""))
