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

EXAMPLES = 8
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


class Bench(NamedTuple):
    """A service with something in it, its description, and what is known of its contents."""

    api: Api
    operations: dict[str, Any]
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
    with running_api(folder, requests_per_s=0, address_requests_per_s=0) as api:
        with Accounts(folder) as accounts:
            person = accounts.user("李娜", *get_args(Role))
            logins = {name: accounts.login(person) for name in NAMES if "session" in name or "log" in name}
        document = api.person.get("/openapi.json", timeout=60).json()
        config = SchemathesisConfig.from_dict({"output": {"sanitization": {"enabled": False}}})
        schema = schemathesis.openapi.from_dict(document, config=config)
        schema.config.update(base_url=api.url)
        found = [result.ok() for result in schema.get_all_operations()]
        operations = {each.definition.raw["operationId"]: each for each in found}
        yield Bench(api, operations, logins, _fill(api))


def _fill(api: Api) -> dict[str, Any]:
    """Some of everything that routes are about."""
    more = change(2, rule="acme/A1.GT01/H", point="acme/A1.GT01")
    assert api.post("/intake/conditions", delivery(change(1), more)).status_code == 200
    alarm = api.person.get("/alarms").json()["alarms"][-1]["id"]
    made = {
        "receiver_id": ("/receivers", {"id": "li.na", "name": "李娜", "enterprise": "acme"}),
        "order_id": (
            "/supervision",
            {
                "enterprise": "acme",
                "installation": "tank-farm",
                "item": "更换变送器",
                "responsible": "王强",
                "deadline": time.time_ns() + 86_400 * SECOND,
            },
        ),
        "check_id": ("/duty-checks", {"enterprises": ["acme"]}),
    }
    known = {
        "alarm_id": alarm,
        "enterprise": "acme",
        "installation": "tank-farm",
        "number": 1,
        "name": "李娜",
    }
    for name, (path, body) in made.items():
        answer = api.person.post(path, json=body)
        assert answer.status_code == 201, answer.text
        content = answer.json()
        known[name] = content.get("id") or content["checks"][0]["id"]
    known["warning_id"] = next((each["id"] for each in api.person.get("/warnings").json()["warnings"]), "w")
    return known | {
        "number": 1,
        "point_id": "acme/TK101.LT01",
        "day": "2026-01-02",
        "desk_id": "enterprise:acme",
    }


def test_operations_of_every_router_are_tried(bench: Bench) -> None:
    assert sorted(bench.operations) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_operation_answers_as_it_is_described(bench: Bench, name: str) -> None:
    operation = bench.operations[name]
    cases = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @QUIET
    @given(case=cases, aimed=st.booleans())
    def probe(case: Case, aimed: bool) -> None:
        if aimed and case.path_parameters:
            case.path_parameters |= {k: v for k, v in bench.known.items() if k in case.path_parameters}
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
