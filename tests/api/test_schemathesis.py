"""Every route with what its description allows and with what it forbids: no route fails, none answers what it
does not announce, and every error is a problem.

The real application on a real port, in this process. The cases are the same in each run.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.config import SchemathesisConfig

from api.auth.access import key_digest
from api.auth.keys import OperatorRecord, OperatorsFile
from api.auth.principal import Role
from api.guards import OPEN
from api.problems import MEDIA_TYPE, TYPE_PREFIX
from api.routers import ROUTERS
from tests.api.plant import SECOND, change, delivery
from tests.api.serving import Api, running_api
from tests.auth.accounts import Accounts

pytestmark = pytest.mark.slow

EXAMPLES = 12
"""Cases of each operation."""
KEY = "hw_" + "everybody".ljust(43, "x")
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
NOT_OURS = {502, 503}
"""What a route answers when the gateway, or another machine, is away: announced, and no fault of ours."""
NAMES = sorted(
    route.name  # type: ignore[attr-defined]
    for router in ROUTERS
    for route in router.routes
    if getattr(route, "include_in_schema", False)
)
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


OF_LOGINS = (
    "log_out",
    "change_password",
    "begin_second_factor",
    "confirm_second_factor",
    "end_second_factor",
)
RECEIVER = {"id": "li.na", "name": "李娜", "enterprise": "acme", "login": "李娜"}
ROTA = {
    "id": "tank-farm",
    "enterprise": "acme",
    "name": "值守",
    "layers": [{"name": "白夜班", "start_date": "2026-01-01", "turns": [["li.na"]]}],
    "fallback": "li.na",
}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "receiver_id": ("/receivers", RECEIVER),
    "rota_id": ("/rotas", ROTA),
    "check_id": ("/duty-checks", {"enterprises": ["acme"]}),
    "call_up_id": ("/call-ups", {"receivers": ["li.na"], "text": "请到岗", "enterprise": "acme"}),
    "hold_id": (
        "/holds",
        {
            "kind": "shelved",
            "point": "acme/TK101.LT01",
            "rule": "acme/TK101.LT01/H",
            "reason": "检定",
            "for_s": 60,
        },
    ),
}
"""What is made before: name of the path parameter, where, and the body."""
MADE_ORDER = {"enterprise": "acme", "installation": "tank-farm", "item": "更换变送器", "responsible": "王强"}
PLACES = {
    "enterprise": "acme",
    "installation": "tank-farm",
    "name": "王强",
    "number": 1,
    "point_id": "acme/TK101.LT01",
    "day": "2026-01-02",
    "desk_id": "enterprise:acme",
}


class Bench(NamedTuple):
    """A service with something in it, its description, and what is known of its contents."""

    api: Api
    operations: dict[str, Any]
    examples: dict[str, Any]
    """Bodies that the description shows."""
    logins: dict[str, str]
    """A login for each operation: some of them end it."""
    known: dict[str, Any]
    """Path parameters that lead to something."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("schemathesis") / "data"
    folder.mkdir()
    everybody = OperatorRecord(key_sha256=key_digest(KEY), roles=get_args(Role), added="2026-01-01")
    (folder / "operators.json").write_bytes(msgspec.json.encode(OperatorsFile(operators={"全能": everybody})))
    (folder / "operator.key").write_text(KEY)
    with Accounts(folder) as accounts:
        person = accounts.user("李娜", *get_args(Role))
        logins = {name: accounts.login(person) for name in NAMES if "session" in name or name in OF_LOGINS}
        accounts.user("王强", "operator")
    with running_api(folder, requests_per_s=0, address_requests_per_s=0) as api:
        document = api.person.get("/openapi.json", timeout=60).json()
        config = SchemathesisConfig.from_dict({"output": {"sanitization": {"enabled": False}}})
        schema = schemathesis.openapi.from_dict(document, config=config)
        schema.config.update(base_url=api.url)
        found = [result.ok() for result in schema.get_all_operations()]
        tried = {each.definition.raw["operationId"]: each for each in found}
        examples = {name: example for name, each in tried.items() if (example := _example(document, each))}
        yield Bench(api, tried, examples, logins, _fill(api))


def _example(document: dict[str, Any], operation: Any) -> Any:
    """The body that the description shows; None if the operation takes none."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {})
    reference = reference.get("$ref") or reference.get("anyOf", [{}])[0].get("$ref", "")
    schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return content.get("example") or next(iter(schema.get("examples", ())), None)


def _fill(api: Api) -> dict[str, Any]:
    """Some of everything that routes are about."""
    changes = change(1), change(2, rule="acme/A1.GT01/H", point="acme/A1.GT01")
    assert api.post("/intake/conditions", delivery(*changes)).status_code == 200
    known = {name: _made(api, path, body) for name, (path, body) in MADE.items()}
    order = MADE_ORDER | {"deadline": time.time_ns() + 86_400 * SECOND}
    known["order_id"] = _made(api, "/supervision", order)
    known["alarm_id"] = api.person.get("/alarms").json()["alarms"][-1]["id"]
    known["warning_id"] = api.person.get("/warnings").json()["warnings"][0]["id"]
    return known | PLACES


def _made(api: Api, path: str, body: dict[str, Any]) -> str:
    """Id of what was made."""
    answer = api.person.post(path, json=body)
    assert answer.status_code in (201, 202), answer.text
    content = answer.json()
    if path == "/call-ups":  # by receiver
        return next(iter(content["call_ups"].values()))
    holders = [content, *(each for value in content.values() for each in _listed(value))]
    return next(str(each["id"]) for each in holders if "id" in each)


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def test_operations_of_every_router_are_tried(bench: Bench) -> None:
    assert sorted(bench.operations) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_operation_answers_as_it_is_described(bench: Bench, name: str) -> None:
    operation = bench.operations[name]
    cases = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @QUIET
    @given(case=cases, aimed=st.booleans(), as_shown=st.booleans())
    def probe(case: Case, aimed: bool, as_shown: bool) -> None:
        if aimed and case.path_parameters:
            case.path_parameters |= {k: v for k, v in bench.known.items() if k in case.path_parameters}
        if aimed and as_shown and name in bench.examples:
            case.body, case.media_type = bench.examples[name], "application/json"
        answer = case.call(headers=_authorization(bench, name, case.path), timeout=30)
        if answer.status_code not in NOT_OURS:
            case.validate_response(answer, checks=list(CHECKS))
        _check_problem(answer)

    probe()


def _authorization(bench: Bench, name: str, path: str) -> dict[str, str]:
    if path in OPEN:
        return {}
    secret = bench.api.token if path.startswith("/intake/") else bench.logins.get(name, KEY)
    return {"Authorization": f"Bearer {secret}"}


def _check_problem(answer: Any) -> None:
    """Whatever is refused says in one form what, why and what would be right."""
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == [MEDIA_TYPE], answer.headers
    body = json.loads(answer.content)
    assert body["type"].startswith(TYPE_PREFIX)
    assert body["status"] == answer.status_code
    assert body["detail"]
    if answer.status_code == requests.codes.too_many_requests:
        assert int(answer.headers["retry-after"][0]) > 0
