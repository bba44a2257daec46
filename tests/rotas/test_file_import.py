"""Rotas as a file: what it would change, carried out whole; what is exported is imported without a change."""

from collections.abc import Iterator

import pytest
import yaml

from tests.rotas.running import Desk, running_desk

GATE = """
rotas:
  - id: gate
    enterprise: acme
    name: 门岗
    fallback: duty-phone
    layers:
      - {name: 白班, rotation: daily, start_date: 2026-03-02, turns: [zhang-wei, [li-na, wang-fang]]}
"""


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    with running_desk(tmp_path) as running:
        yield running


def changes(desk: Desk, text: str, *, dry_run: bool) -> list[dict]:
    query = {"file": "gate.yaml", "dry_run": str(dry_run).lower()}
    answer = desk.supervisor.post("/rotas/import", params=query, content=text.encode())
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["stored"] is not dry_run
    return found["changes"]


def test_a_file_is_looked_at_first_and_changes_nothing(desk: Desk) -> None:
    (change,) = changes(desk, GATE, dry_run=True)
    assert (change["kind"], change["id"], change["fields"]) == ("added", "gate", [])
    assert desk.supervisor.get("/rotas/gate").status_code == 404


def test_a_rota_that_is_there_gets_a_new_version_of_what_differs_and_keeps_its_past(desk: Desk) -> None:
    changes(desk, GATE, dry_run=False)
    assert [each["kind"] for each in changes(desk, GATE, dry_run=False)] == ["same"]
    other = GATE.replace("name: 门岗", "name: 东门").replace("[zhang-wei, [", "[li-na, [")
    (change,) = changes(desk, other, dry_run=True)
    assert change["kind"] == "changed"
    assert change["fields"] == [
        {"field": "name", "old": "门岗", "new": "东门"},
        {
            "field": "layers.白班.turns",
            "old": [["zhang-wei"], ["li-na", "wang-fang"]],
            "new": [["li-na"], ["li-na", "wang-fang"]],
        },
    ]
    changes(desk, other, dry_run=False)
    versions = desk.supervisor.get("/rotas/gate").json()["versions"]
    assert [each["definition"]["name"] for each in versions] == ["门岗", "东门"]


def test_a_retired_rota_does_not_come_back_by_a_file(desk: Desk) -> None:
    changes(desk, GATE, dry_run=False)
    desk.supervisor.delete("/rotas/gate")
    answer = desk.supervisor.post("/rotas/import?file=gate.yaml", content=GATE.encode())
    assert answer.status_code == 422
    assert "gate.yaml:3: id: a rota of this id was retired" in answer.json()["detail"]


def test_exported_rotas_are_imported_without_a_change(desk: Desk) -> None:
    changes(desk, GATE, dry_run=False)
    answer = desk.supervisor.get("/rotas/export", params={"enterprise": "acme"})
    assert answer.status_code == 200, answer.text
    assert "rotas-acme.yaml" in answer.headers["Content-Disposition"]
    written = yaml.safe_load(answer.text)["rotas"]
    assert "gate" in {rota["id"] for rota in written}
    found = changes(desk, answer.text, dry_run=True)
    assert {each["kind"] for each in found} == {"same"}
    assert len(found) == len(written)
