"""The settings of both processes, as the environment gives them."""

import json
import types
import typing
from pathlib import Path
from typing import Any

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from hazardwatch.reference.markdown import code, table

DATA_FOLDER = Path("data")
"""What defaults below the data folder are shown with."""
_KINDS: dict[Any, str] = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    str: "text",
    Path: "path",
    SecretStr: "secret",
}
_BOUNDS = (
    (annotated_types.Ge, "ge", "at least"),
    (annotated_types.Gt, "gt", "above"),
    (annotated_types.Le, "le", "at most"),
    (annotated_types.MinLen, "min_length", "length from"),
)


def settings_table(model: type[BaseSettings]) -> str:
    """Every setting: name, environment variable, what may be given, default, description."""
    prefix = model.model_config["env_prefix"]
    rows = [
        (code(name), code(f"{prefix}{name}".upper()), _kind(field), code(_default(field)), field.description)
        for name, field in model.model_fields.items()
    ]
    return table(
        ("setting", "environment variable", "value", "default", "description"),
        [(*cells, description or "") for *cells, description in rows],
    )


def _kind(field: FieldInfo) -> str:
    bounds = [
        f"{words} {getattr(constraint, attribute)}"
        for constraint in field.metadata
        for kind, attribute, words in _BOUNDS
        if isinstance(constraint, kind)
    ]
    return ", ".join([_type(field.annotation), *bounds])


def _type(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    arguments = [argument for argument in typing.get_args(annotation) if argument is not type(None)]
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(argument) for argument in arguments)
    if origin is typing.Literal:
        return "one of " + ", ".join(code(str(argument)) for argument in arguments)
    if origin in (tuple, frozenset):
        return "JSON list"
    if origin is dict:
        return "JSON object"
    return _KINDS[annotation]


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={"data_folder": DATA_FOLDER})
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, frozenset):
        default = sorted(default)
    if isinstance(default, dict | tuple | list):
        return json.dumps(default, ensure_ascii=False)
    return str(default).lower() if isinstance(default, bool) else str(default)
