"""`hazardwatch audit` as people run it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.audit.checkpoints import line_of
from api.audit.keys import AuditSigner
from api.store.audit import append, head_of, keep_checkpoint
from api.store.database import Database
from hazardwatch.cli import app
from tests.audit.naive import naive_hashes
from tests.audit.rows import chain, entry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with 20 rows, and a copy of the checkpoint of row 20."""
    data = tmp_path / "data"
    database = Database.open(f"sqlite:///{data}/alarms.sqlite")
    signer = AuditSigner.open(data / "audit.key")
    with database.write() as connection:
        append(connection, [entry(number) for number in range(1, 21)])
        head = head_of(connection)
        assert head
        checkpoint = signer.sign(head, 1)
        keep_checkpoint(connection, checkpoint)
    database.close()
    (tmp_path / "kept.jsonl").write_text(line_of(checkpoint) + "\n")
    return data


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def change(folder: Path, statement: str) -> None:
    database = Database.open(f"sqlite:///{folder}/alarms.sqlite")
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def test_good_audit_ends_with_status_0(folder: Path) -> None:
    result = run("verify", "--data", folder, "--checkpoints", folder.parent / "kept.jsonl")
    assert result.exit_code == 0, result.output
    assert "good: 20 rows; 1 signed checkpoints vouch through row 20" in result.stdout


def test_changed_row_ends_with_status_1_and_is_named(folder: Path) -> None:
    change(folder, "UPDATE audit SET actor = 'operator:nobody' WHERE number = 13")
    result = run("verify", "--data", folder, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["good"], found["first_bad_row"], found["kind"], found["rows"]) == (False, 13, "changed", 12)
    assert "row 13" in run("verify", "--data", folder).output


def test_database_by_its_url_and_key_by_its_file(folder: Path) -> None:
    url = f"sqlite:///{folder}/alarms.sqlite"
    result = run("verify", "--database", url, "--public-key", folder / "audit.key.pub", "--json")
    assert (result.exit_code, json.loads(result.stdout)["checkpoints"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "--data", "nowhere"], "there is no such database"),
        (["verify", "--checkpoints", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["verify", "--public-key", "pyproject.toml"], "not a public key in PEM"),
        (["export", "--from", "yesterday"], "--from 'yesterday' is no time"),
        (["export", "--to", "2026-05-01T08:00"], "has no zone"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence_and_status_2(
    folder: Path, arguments: list[str], says: str
) -> None:
    given = arguments if "--data" in arguments else [*arguments, "--data", str(folder)]
    result = run(*given)
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_exported_rows_can_be_checked_by_another_program(folder: Path) -> None:
    lines = [json.loads(line) for line in run("export", "--data", folder).stdout.splitlines()]
    assert [line["hash"] for line in lines] == naive_hashes(chain([entry(n) for n in range(1, 21)]))
    assert [line["previous"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]


def test_export_of_a_time_begins_and_ends_with_it(folder: Path) -> None:
    result = run(
        "export", "--data", folder, "--from", "2025-06-15T15:06:45Z", "--to", "2025-06-15T23:06:48+08:00"
    )
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["number"] for line in lines] == [5, 6, 7]


def test_checkpoints_in_the_data_folder_show_what_was_done_to_the_database_alone(folder: Path) -> None:
    (folder / "audit-checkpoints.jsonl").write_text((folder.parent / "kept.jsonl").read_text())
    assert run("verify", "--data", folder).exit_code == 0
    for statement in (
        "DELETE FROM audit",
        "DELETE FROM audit_checkpoint",
        f"UPDATE audit_head SET number = 0, hash = '{'0' * 64}'",
    ):
        change(folder, statement)
    result = run("verify", "--data", folder)
    assert result.exit_code == 1
    assert "a signed checkpoint vouches for 20" in result.output
