"""Devices, operators and quarantine from the command line."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hazardwatch.output import console, english, errors, sentence

if TYPE_CHECKING:
    from gateway.journal_reader import JournalReader

quarantine = typer.Typer(no_args_is_help=True, help="Messages that could not be used.")
device = typer.Typer(no_args_is_help=True, help="Devices that may publish.")
operator = typer.Typer(no_args_is_help=True, help="Persons who may answer alarms.")

Data = Annotated[Path, typer.Option(help="Data folder.", envvar="HAZARDWATCH_GATEWAY_DATA_FOLDER")]
ApiData = Annotated[Path, typer.Option(help="Data folder.", envvar="HAZARDWATCH_API_DATA_FOLDER")]
Replace = Annotated[bool, typer.Option("--replace", help="Give a new key to one that is known already.")]
DATA = Path("data")


def _stop(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """What a person can mend is one sentence and status 1, never a stack trace."""
    from api.auth.keys import OperatorsRefused
    from gateway.mqtt.devices import DevicesInvalid

    try:
        yield
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (DevicesInvalid, OperatorsRefused, OSError) as error:
        raise _stop(sentence(error)) from None


def _already(what: str) -> typer.Exit:
    """A second `add` is a slip more often than a wish: the holder of the old key would be locked out."""
    return _stop(
        f"{what} exists already, and the old key would stop working: give --replace if that is wanted"
    )


@contextlib.contextmanager
def _reader(data: Path) -> Iterator["JournalReader"]:
    from gateway.journal_reader import JournalReader

    path = data / "journal.sqlite"
    if not path.exists():
        raise _stop(f"{path} does not exist: give the gateway's data folder with --data")
    try:
        reader = JournalReader(path)
        try:
            yield reader
        finally:
            reader.close()
    except sqlite3.DatabaseError as error:
        raise _stop(f"{path} cannot be read as a journal: {error}") from None


@quarantine.command("list")
def list_quarantine(
    data: Data = DATA,
    device: Annotated[str, typer.Option(help="Only this device, enterprise/gateway.")] = "",
    after: Annotated[int, typer.Option(help="Only rows behind this number.")] = 0,
    limit: int = 50,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List what could not be used and why; into a pipe, one line a row with tabs between the cells."""
    with _reader(data) as reader:
        rows = reader.quarantine(device=device, after=after, limit=limit)
    if as_json:
        for row in rows:
            payload = row.payload.decode(errors="backslashreplace")
            print(json.dumps({**row._asdict(), "reason": english(row.reason), "payload": payload}))
        return
    cells = [
        (
            str(row.id),
            _time(row.received_time),
            row.device,
            row.topic,
            english(row.reason),
            str(len(row.payload)),
            _time(row.retried_time),
        )
        for row in rows
    ]
    if not console.is_terminal:
        for line in cells:
            print("\t".join(map(_on_one_line, line)))
        return
    table = Table("number", "received", "device", "topic", "reason", "bytes", "retried")
    for line in cells:
        table.add_row(*map(escape, line))
    console.print(table)


def _on_one_line(cell: str) -> str:
    """Topics and reasons come from devices: nothing in them may pass for the end of a cell or a row."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cell)


@quarantine.command("show")
def show_quarantine(number: int, data: Data = DATA) -> None:
    """Show one message as it came."""
    with _reader(data) as reader:
        row = reader.quarantine_row(number)
    if row is None:
        raise _stop(f"quarantine has no row {number}: see  hazardwatch quarantine list")
    times = {"received_time": _time(row.received_time), "retried_time": _time(row.retried_time) or "never"}
    for name, value in (row._asdict() | times | {"reason": english(row.reason)}).items():
        if name != "payload":
            console.print(f"{name}: {value}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        row.payload.decode(errors="backslashreplace"), highlight=False, markup=False, soft_wrap=True
    )


@quarantine.command("retry")
def retry_quarantine(
    numbers: list[int],
    data: Data = DATA,
    gateway_url: Annotated[
        str, typer.Option(help="The running gateway. Default: on this machine, at the gateway's port.")
    ] = "",
    gateway_port: Annotated[
        int, typer.Option(help="Its port on this machine.", envvar="HAZARDWATCH_GATEWAY_HTTP_PORT")
    ] = 8471,
) -> None:
    """Read messages again with the register of now; the gateway must be running."""
    import httpx

    gateway_url = gateway_url or f"http://127.0.0.1:{gateway_port}"
    with _plain_errors():
        token = (data / "intake.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    failed = False
    with httpx.Client(base_url=gateway_url, headers=headers, trust_env=False, timeout=10) as client:
        for number in numbers:
            try:
                answer = client.post(f"/quarantine/{number}/retry")
                body = answer.json()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise _stop(
                    f"the gateway at {gateway_url} does not answer ({error}): start it first, or name it "
                    "with --gateway-url"
                ) from None
            except ValueError:
                raise _stop(
                    f"what answers at {gateway_url} is no gateway: name it with --gateway-url"
                ) from None
            reason = english(body.get("reason") or body.get("detail") or "")
            failed = failed or bool(reason) or answer.is_error
            outcome = reason or f"{body.get('samples', 0)} samples taken"
            console.print(f"{number}: {outcome}", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1 if failed else 0)


@device.command("add")
def add_device(
    name: Annotated[str, typer.Argument(help="enterprise/gateway, as in its topics.")],
    data: Data = DATA,
    certificate_cn: Annotated[str, typer.Option(help="Common name of its client certificate.")] = "",
    replace: Replace = False,
) -> None:
    """Let a device publish; prints its key, which is shown only now."""
    from gateway.mqtt.devices import add_device as add
    from gateway.mqtt.devices import load_devices

    enterprise, slash, gateway = name.partition("/")
    if not slash:
        raise _stop(f"{name!r} names no device: write enterprise/gateway, for example E001/{name or 'GW1'}")
    with _plain_errors():
        if not replace and any(known.name == name for known in load_devices(data / "devices.yaml")):
            raise _already(f"device {name}")
        key = add(data / "devices.yaml", enterprise, gateway, certificate_cn)
    errors.print(f"device {name}; its key is shown only now:", highlight=False, markup=False)
    print(key)


@device.command("list")
def list_devices(data: Data = DATA) -> None:
    """List the devices."""
    from gateway.mqtt.devices import load_devices

    with _plain_errors():
        devices = load_devices(data / "devices.yaml")
    for known in devices:
        line = f"{known.name}  {known.certificate_cn}".rstrip()
        console.print(line, highlight=False, markup=False, soft_wrap=True)


@device.command("remove")
def remove_device(name: str, data: Data = DATA) -> None:
    """Forget a device; it is refused at its next connection."""
    from gateway.mqtt.devices import remove_device as remove

    with _plain_errors():
        removed = remove(data / "devices.yaml", name)
    if not removed:
        raise _stop(f"there is no device {name}: see  hazardwatch device list")


@operator.command("add")
def add_operator(
    name: str,
    role: Annotated[str, typer.Option(help="A role, see docs/permissions.md.")] = "operator",
    data: ApiData = DATA,
    replace: Replace = False,
) -> None:
    """Let a person use the alert service by a key, without an account; he sees everything. The key is shown
    only now."""
    from api.auth.keys import add_operator as add
    from api.auth.keys import read_operators

    with _plain_errors():
        known = read_operators(data / "operators.json").get(name.strip())
        if known and not replace:
            raise _already(f"{' '.join(known.roles)} {name.strip()}")
        key = add(data / "operators.json", name, role)
    errors.print(f"{role} {name}; the key is shown only now:", highlight=False, markup=False)
    print(key)


@operator.command("list")
def list_operators(data: ApiData = DATA) -> None:
    """List the persons and what they may do."""
    from api.auth.keys import read_operators

    with _plain_errors():
        records = read_operators(data / "operators.json")
    for name, record in records.items():
        line = f"{name}  {' '.join(record.roles)}  since {record.added}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


@operator.command("remove")
def remove_operator(name: str, data: ApiData = DATA) -> None:
    """Withdraw a person's key; it counts at once."""
    from api.auth.keys import remove_operator as remove

    with _plain_errors():
        remove(data / "operators.json", name)


def _time(ns: int | None) -> str:
    """Nothing for a time that never was."""
    from datetime import UTC, datetime

    if not ns:
        return ""

    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
