"""Completes the OpenAPI document: one error form, readable names, words for every field, examples.

FastAPI makes it from the routes and models. What it cannot know, or would say in each of a hundred places,
is added here once: that errors are problem+json, which of them every route can give, what a word means
wherever it stands, and which paths are open on purpose.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.description.words import field_words, parameter_words, words
from api.problems import MEDIA_TYPE

PROBLEM = {"$ref": "#/components/schemas/ProblemView"}
SHARED = {
    "400": ("BadRequest", "The request cannot be read: broken off, or not HTTP as it should be."),
    "401": ("KeyRequired", "No key, token or login, or none that is valid."),
    "403": ("PermissionRequired", "The person may not do this; the answer says which permission is needed."),
    "413": ("TooLarge", "The body is larger than is taken here."),
    "421": ("UnknownHost", "This host name is not served here."),
    "422": ("Invalid", "The request is not as described; `errors` says where and what."),
    "429": ("TooMany", "Too many requests: come back after `Retry-After`."),
    "503": ("NotReady", "The store, or what else is needed, is away at the moment: try again."),
}
OF_FASTAPI = ("HTTPValidationError", "ValidationError")
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}
}
TAG_LENGTH = 22
WITH_BODY = ("post", "put", "patch")
Operation = dict[str, Any]


def describe(app: FastAPI, open_paths: Collection[str]) -> None:
    """Let the application answer with the completed document; `app.state.description()` is it as bytes,
    with its entity tag.

    It is made when it is first asked for: that takes seconds, which a start cannot spare.
    """
    made_by_fastapi = app.openapi

    @cache
    def described() -> dict[str, Any]:
        document = made_by_fastapi()
        complete(document, open_paths)
        return document

    @cache
    def encoded() -> tuple[bytes, str]:
        body = json.dumps(described(), ensure_ascii=False, separators=(",", ":")).encode()
        return body, f'W/"{hashlib.sha256(body).hexdigest()[:TAG_LENGTH]}"'

    app.state.description = encoded
    app.openapi = described  # type: ignore[method-assign]


def complete(document: dict[str, Any], open_paths: Collection[str]) -> None:
    """Change the document in place. open_paths: those that ask for no key, on purpose."""
    _name_schemas(document)
    components = document["components"]
    components["responses"] = {name: _shared(status, text) for status, (name, text) in SHARED.items()}
    document["tags"] = [{"name": name, "description": text} for name, text in words("tags").items()]
    for path, method, operation in operations(document):
        _describe_parameters(operation)
        _describe_errors(operation, method, is_open=path in open_paths)
        _give_examples(operation)
        if path in open_paths:
            operation["security"] = []
    for name, schema in components["schemas"].items():
        _describe_fields(name, schema)
    for name in OF_FASTAPI:
        components["schemas"].pop(name, None)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """(path, method, operation) of all there are."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _shared(status: str, text: str) -> dict[str, Any]:
    answer = {"description": text, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
    return answer | ({"headers": RETRY_AFTER} if status == "429" else {})


def _describe_parameters(operation: Operation) -> None:
    for parameter in operation.get("parameters", ()):
        if not parameter.get("description"):
            parameter["description"] = parameter_words(parameter["name"])


def _describe_errors(operation: Operation, method: str, *, is_open: bool) -> None:
    answers = operation["responses"]
    for status in ("400", "421", "429", "503"):
        answers.setdefault(status, _reference(status))
    if not is_open:
        answers.setdefault("401", _reference("401"))
        answers.setdefault("403", _reference("403"))
    if operation.get("parameters") or method in WITH_BODY:
        answers["422"] = _reference("422")
    if method in WITH_BODY:
        answers.setdefault("413", _reference("413"))
    for status, answer in answers.items():
        if status == "429" and "$ref" not in answer:
            answer.setdefault("headers", RETRY_AFTER)
        content = answer.get("content", {})
        if int(status) >= 400 and "application/json" in content:
            content[MEDIA_TYPE] = content.pop("application/json")


def _reference(status: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{SHARED[status][0]}"}


def _give_examples(operation: Operation) -> None:
    given = words("examples").get(operation["operationId"], {})
    if "body" in given:
        for content in operation["requestBody"]["content"].values():
            content["example"] = given["body"]
    if "answer" in given:
        good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        good["content"]["application/json"]["example"] = given["answer"]


def _describe_fields(name: str, schema: dict[str, Any]) -> None:
    for field, definition in schema.get("properties", {}).items():
        if not definition.get("description") and (text := field_words(name, field)):
            definition["description"] = text


def _name_schemas(document: dict[str, Any]) -> None:
    """Two parts may have a model of one name; FastAPI then names both by their module."""
    schemas = document["components"]["schemas"]
    renamed = {name: readable(name) for name in schemas if "__" in name}
    document["components"]["schemas"] = {renamed.get(name, name): schema for name, schema in schemas.items()}
    _rename(
        document,
        {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in renamed.items()},
    )


def readable(name: str) -> str:
    """`api__desks__shift_schemas__EntryView`: `ShiftEntryView`; `api__schemas__EntryView`: `EntryView`."""
    *modules, model = name.split("__")
    part = re.sub(r"_?schemas$", "", modules[-1]) or (modules[-2] if len(modules) > 2 else "")
    return "".join(word.capitalize() for word in part.split("_")) + model


def _rename(node: Any, references: dict[str, str]) -> None:
    if isinstance(node, dict):
        if node.get("$ref") in references:
            node["$ref"] = references[node["$ref"]]
        for value in node.values():
            _rename(value, references)
    elif isinstance(node, list):
        for value in node:
            _rename(value, references)
