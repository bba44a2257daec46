"""The description of the API is complete: walked operation by operation, field by field."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from api.app import create_app
from api.description.document import operations, readable
from api.description.words import words
from api.guards import OPEN
from api.problems import MEDIA_TYPE
from api.settings import ApiSettings
from tests.api.plant import SITE

MAIN = (
    "list_alarms", "summarise_alarms", "show_alarm", "acknowledge_alarm", "take_conditions", "take_values",
    "give_token", "log_in", "show_me", "list_points", "list_ladders", "preview_escalation", "show_escalation",
    "list_levels", "show_level", "list_warnings", "summarise_warnings", "show_figures",
)  # fmt: skip
"""Operations whose answer has an example."""
EVERYWHERE = {"400", "421", "429", "503"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = ApiSettings(data_folder=tmp_path_factory.mktemp("openapi"))
    return create_app(settings, site=SITE).openapi()


@pytest.fixture(scope="module")
def every(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return list(operations(document))


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to; the node itself if it is none."""
    while "$ref" in node:
        *_, kind, name = node["$ref"].split("/")
        node = document["components"][kind][name]
    return node


def bodies(every: list[Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(operation, media type, content) of every body that is taken."""
    for _, _, operation in every:
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield operation["operationId"], media, content


def test_every_operation_has_a_readable_name_of_its_own(every: list[Any]) -> None:
    names = Counter(operation["operationId"] for _, _, operation in every)
    assert [name for name, times in names.items() if times > 1 or "__" in name or len(name) > 40] == []


def test_every_operation_says_what_it_does(every: list[Any]) -> None:
    silent = [(m, p) for p, m, o in every if not (o.get("summary") and o.get("description"))]
    assert silent == []


def test_every_operation_belongs_to_a_group_that_is_described(
    document: dict[str, Any], every: list[Any]
) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    used = {tag for _, _, operation in every for tag in operation.get("tags", ["(none)"])}
    assert used == described


def test_every_parameter_is_described(every: list[Any]) -> None:
    silent = [
        (method, path, parameter["name"])
        for path, method, operation in every
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert silent == []


def test_every_field_of_every_schema_is_described(document: dict[str, Any]) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, definition in schema.get("properties", {}).items()
        if not definition.get("description")
    ]
    assert silent == []


def test_schemas_have_readable_names(document: dict[str, Any]) -> None:
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("api__desks__shift_schemas__EntryView", "ShiftEntryView"),
        ("api__rotas__schemas__ShiftView", "RotasShiftView"),
        ("api__schemas__EntryView", "EntryView"),
    ],
)
def test_a_model_named_by_its_module_gets_a_readable_name(name: str, expected: str) -> None:
    assert readable(name) == expected


def test_every_operation_is_guarded_or_open_on_purpose(document: dict[str, Any], every: list[Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    for path, method, operation in every:
        asked = [name for need in operation.get("security", ()) for name in need]
        assert set(asked) <= set(schemes), (method, path)
        assert bool(asked) != (path in OPEN), (method, path)


def test_every_error_is_a_problem(document: dict[str, Any], every: list[Any]) -> None:
    for path, method, operation in every:
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                content = resolved(document, answer).get("content", {})
                assert set(content) == {MEDIA_TYPE}, (method, path, status)


def test_every_operation_tells_of_the_errors_that_can_always_come(every: list[Any]) -> None:
    for path, method, operation in every:
        told = set(operation["responses"])
        assert told >= EVERYWHERE, (method, path)
        assert path in OPEN or told >= {"401", "403"}, (method, path)


def test_too_many_requests_say_when_to_come_back(document: dict[str, Any], every: list[Any]) -> None:
    for path, method, operation in every:
        answer = resolved(document, operation["responses"]["429"])
        assert "Retry-After" in answer["headers"], (method, path)


def test_every_list_that_goes_on_is_paged_in_the_same_way(document: dict[str, Any], every: list[Any]) -> None:
    for path, _, operation in every:
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                fields = resolved(document, content.get("schema", {})).get("properties", {})
                if "`after`" in fields.get("next", {}).get("description", ""):
                    names = {parameter["name"] for parameter in operation["parameters"]}
                    assert {"limit", "after"} <= names, path


def test_every_body_has_an_example(document: dict[str, Any], every: list[Any]) -> None:
    silent = []
    for name, _, content in bodies(every):
        schema = resolved(document, _without_null(content["schema"]))
        told = schema.get("properties", {}).values()
        if not (
            "example" in content or "examples" in schema or (told and all("examples" in f for f in told))
        ):
            silent.append(name)
    assert silent == []


def test_examples_are_of_operations_that_exist(every: list[Any]) -> None:
    assert set(words("examples")) <= {operation["operationId"] for _, _, operation in every}


def test_the_main_operations_have_an_example_of_their_answer(every: list[Any]) -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in every}
    for name in MAIN:
        good = next(answer for status, answer in by_name[name]["responses"].items() if status.startswith("2"))
        assert "example" in good["content"]["application/json"], name


def test_every_example_is_as_its_schema_says(document: dict[str, Any], every: list[Any]) -> None:
    wrong = []
    for _, _, operation in every:
        answers = [resolved(document, answer) for answer in operation["responses"].values()]
        for holder in (operation.get("requestBody", {}), *answers):
            for content in holder.get("content", {}).values():
                for example in _examples(document, content):
                    schema = {**content["schema"], "components": document["components"]}
                    faults = Draft202012Validator(schema).iter_errors(example)
                    wrong += [
                        (operation["operationId"], list(fault.instance_path), fault.message)
                        for fault in faults
                    ]
    assert wrong == []


def test_no_word_of_the_glossary_is_left_over(document: dict[str, Any]) -> None:
    """A word for a field that no schema has any more is a word about nothing."""
    fields = {
        name: {field: definition["description"] for field, definition in schema.get("properties", {}).items()}
        for name, schema in document["components"]["schemas"].items()
    }
    for word in words("glossary")["fields"]:
        schema, _, field = word.rpartition(".")
        owners = [fields[schema]] if schema else fields.values()
        assert any(field in owned for owned in owners), word


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = schema.get("anyOf", [])
    return choices[0] if len(choices) == 2 and {"type": "null"} in choices else schema


def _examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    schema = resolved(document, _without_null(content.get("schema", {})))
    given = [content["example"]] if "example" in content else []
    return given + list(schema.get("examples", ()))


def test_the_document_is_given_to_persons_alone_and_once(api: Any) -> None:
    assert api.nobody.get("/openapi.json").status_code == 401
    first = api.person.get("/openapi.json")
    assert first.status_code == 200
    again = api.person.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_words_stand_in_files_that_are_delivered() -> None:
    assert {"glossary", "tags", "examples"} == {
        file.stem for file in (Path(__file__).parents[2] / "api" / "description").glob("*.yaml")
    }
