"""`hazardwatch audit ...`: check the audit chain, and take its rows out as lines of JSON."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.administration import DATA, ApiData
from hazardwatch.output import console, errors, sentence

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.audit.chain import Link
    from api.audit.checkpoints import Checkpoint
    from api.audit.keys import AuditProof
    from api.audit.verify import Verdict

audit = typer.Typer(no_args_is_help=True, help="The audit: who did what, chained and signed.")

DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database",
        help="sqlite:////path/file or postgresql://user@host/name. Default: that of the data folder.",
        envvar="HAZARDWATCH_API_DATABASE_URL",
    ),
]
SECOND_NS = 1_000_000_000
UNUSABLE = 2


CHECKPOINTS = "audit-checkpoints.jsonl"
"""In the data folder; read when no other is given: it shows what was done to the database alone."""


@audit.command("verify")
def verify_audit(
    data: ApiData = DATA,
    database: DatabaseUrl = "",
    checkpoints: Annotated[
        list[Path], typer.Option(help="File of checkpoints that was kept elsewhere; may be repeated.")
    ] = [],  # noqa: B006 (typer copies it)
    public_key: Annotated[
        list[Path],
        typer.Option(
            help="Public key of the service, PEM; may be repeated. Default: that of the data folder."
        ),
    ] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find any change, gap, insertion or truncation. Status 0: good, 1: not, 2: cannot be checked.

    Give checkpoints that were kept off the machine: what stands beside the database may have been
    changed together with it.
    """
    from api.audit.verify import verify

    started = time.perf_counter()
    with _plain_errors(), _audit_of(database, data) as connection:
        files = checkpoints or _beside(data, public_key)
        outside = [checkpoint for file in files for checkpoint in _checkpoints_of(file)]
        verdict = verify(connection, outside, _proofs(public_key, data))
    seconds = time.perf_counter() - started
    if as_json:
        print(json.dumps(_shown(verdict, seconds), ensure_ascii=False))
    else:
        _tell(verdict, seconds)
    raise typer.Exit(0 if verdict.good else 1)


@audit.command("export")
def export_audit(
    data: ApiData = DATA,
    database: DatabaseUrl = "",
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="At or after, e.g. 2026-05-01T08:00+08:00.")
    ] = "",
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="Before.")] = "",
) -> None:
    """Print rows as lines of JSON, oldest first, each with its hash and that of the row before."""
    from api.store.audit import hash_of, links_after, numbers_between

    with _plain_errors(), _audit_of(database, data) as connection:
        between = numbers_between(connection, _nanoseconds(since, "--from"), _nanoseconds(until, "--to"))
        if between is None:
            return
        first, last = between
        previous = hash_of(connection, first - 1) or ""
        for link in links_after(connection, first - 1, last):
            print(json.dumps(_exported(link, previous), ensure_ascii=False))
            previous = link.hash


@contextmanager
def _plain_errors() -> Iterator[None]:
    from api.audit.checkpoints import Unsigned
    from api.audit.keys import AuditKeyRefused
    from api.audit.verify import AuditUnreadable

    try:
        yield
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (AuditUnreadable, AuditKeyRefused, Unsigned, OSError, UnicodeError) as error:
        raise _stop(sentence(error)) from None


def _stop(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(UNUSABLE)


@contextmanager
def _audit_of(database: str, data: Path) -> Iterator["Connection"]:
    from api.audit.verify import open_audit

    with open_audit(database or f"sqlite:///{data.absolute() / 'alarms.sqlite'}") as connection:
        yield connection


def _beside(data: Path, public_key: list[Path]) -> list[Path]:
    """The file in the data folder, if it is of the same service: its key is taken from there too."""
    file = data / CHECKPOINTS
    return [file] if file.exists() and not public_key else []


def _checkpoints_of(file: Path) -> list["Checkpoint"]:
    from api.audit.checkpoints import read_lines

    return read_lines(file.read_text(), str(file))


def _proofs(files: list[Path], data: Path) -> list["AuditProof"]:
    """Those given; else the one beside the database, if it is there."""
    from api.audit.keys import AuditProof

    beside = data / "audit.key.pub"
    if not files and not beside.exists():
        errors.print("no public key: signatures are not proved; give --public-key", style="yellow")
        return []
    return [AuditProof.read(file) for file in files or [beside]]


def _shown(verdict: "Verdict", seconds: float) -> dict[str, Any]:
    fault = verdict.fault
    return {
        "good": verdict.good,
        "rows": verdict.rows,
        "hash": verdict.hash,
        "checkpoints": verdict.checkpoints,
        "vouched": verdict.vouched,
        "first_bad_row": fault.number if fault else None,
        "kind": fault.kind if fault else None,
        "what": fault.text if fault else None,
        "seconds": round(seconds, 3),
    }


def _tell(verdict: "Verdict", seconds: float) -> None:
    reach = f"{verdict.checkpoints} signed checkpoints vouch through row {verdict.vouched}"
    if verdict.fault is None:
        console.print(f"good: {verdict.rows} rows; {reach}; {seconds:.1f} s", highlight=False)
        return
    errors.print(f"row {verdict.fault.number}: {verdict.fault.kind}", style="bold red", highlight=False)
    errors.print(verdict.fault.text, highlight=False, markup=False, soft_wrap=True)
    errors.print(f"good through row {verdict.rows}; {reach}", highlight=False)


def _nanoseconds(text: str, option: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _stop(f"{option} {text!r} is no time: write it like 2026-05-01T08:00+08:00") from None
    if moment.tzinfo is None:
        raise _stop(f"{option} {text!r} has no zone: add one, e.g. {text}+08:00, or Z")
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND_NS + delta.microseconds * 1000


def _exported(link: "Link", previous: str) -> dict[str, Any]:
    entry = link.entry
    moment = datetime.fromtimestamp(entry.time / SECOND_NS, UTC)
    return {
        "number": link.number,
        "time": entry.time,
        "at": moment.isoformat(timespec="milliseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "text": entry.text,
        "enterprise": entry.enterprise,
        "previous": previous,
        "hash": link.hash,
    }
