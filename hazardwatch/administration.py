"""Devices, operators and quarantine from the command line."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from hazardwatch.output import console, errors

quarantine = typer.Typer(no_args_is_help=True, help="Messages that could not be used.")
device = typer.Typer(no_args_is_help=True, help="Devices that may publish.")
operator = typer.Typer(no_args_is_help=True, help="Persons who may answer alarms.")

Data = Annotated[Path, typer.Option(help="Data folder.", envvar="HAZARDWATCH_GATEWAY_DATA_FOLDER")]
ApiData = Annotated[Path, typer.Option(help="Data folder.", envvar="HAZARDWATCH_API_DATA_FOLDER")]
DATA = Path("data")


def _stop(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


def _reader(data: Path) -> Any:
    from gateway.journal_reader import JournalReader

    path = data / "journal.sqlite"
    if not path.exists():
        raise _stop(f"{path} does not exist: give the gateway's data folder with --data")
    return JournalReader(path)


@quarantine.command("list")
def list_quarantine(
    data: Data = DATA,
    device: Annotated[str, typer.Option(help="Only this device, enterprise/gateway.")] = "",
    after: Annotated[int, typer.Option(help="Only rows behind this number.")] = 0,
    limit: int = 50,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List what could not be used and why."""
    rows = _reader(data).quarantine(device=device, after=after, limit=limit)
    if as_json:
        for row in rows:
            print(json.dumps({**row._asdict(), "payload": row.payload.decode(errors="backslashreplace")}))
        return
    table = Table("number", "received", "device", "topic", "reason", "bytes", "retried")
    for row in rows:
        received = _time(row.received_time)
        retried = _time(row.retried_time) if row.retried_time else ""
        table.add_row(
            str(row.id), received, row.device, row.topic, row.reason, str(len(row.payload)), retried
        )
    console.print(table)


@quarantine.command("show")
def show_quarantine(number: int, data: Data = DATA) -> None:
    """Show one message as it came."""
    row = _reader(data).quarantine_row(number)
    if row is None:
        raise _stop(f"quarantine has no row {number}: see  hazardwatch quarantine list")
    for name, value in row._asdict().items():
        if name != "payload":
            console.print(f"{name}: {value}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        row.payload.decode(errors="backslashreplace"), highlight=False, markup=False, soft_wrap=True
    )


@quarantine.command("retry")
def retry_quarantine(
    numbers: list[int],
    data: Data = DATA,
    gateway_url: Annotated[str, typer.Option(help="The running gateway.")] = "http://127.0.0.1:8471",
) -> None:
    """Read messages again with the register of now; the gateway must be running."""
    import httpx

    token = (data / "intake.token").read_text().strip()
    failed = False
    with httpx.Client(base_url=gateway_url, trust_env=False, timeout=10) as client:
        for number in numbers:
            try:
                answer = client.post(
                    f"/quarantine/{number}/retry", headers={"Authorization": f"Bearer {token}"}
                )
            except httpx.TransportError as error:
                raise _stop(
                    f"the gateway at {gateway_url} does not answer ({error}): start it first"
                ) from None
            body = answer.json()
            reason = body.get("reason") or body.get("detail", "")
            failed = failed or bool(reason)
            outcome = reason or f"{body['samples']} samples taken"
            console.print(f"{number}: {outcome}", highlight=False, markup=False)
    raise typer.Exit(1 if failed else 0)


@device.command("add")
def add_device(
    name: Annotated[str, typer.Argument(help="enterprise/gateway, as in its topics.")],
    data: Data = DATA,
    certificate_cn: Annotated[str, typer.Option(help="Common name of its client certificate.")] = "",
) -> None:
    """Let a device publish; prints its key, which is shown only now."""
    from gateway.mqtt.devices import DevicesInvalid
    from gateway.mqtt.devices import add_device as add

    enterprise, _, gateway = name.partition("/")
    try:
        key = add(data / "devices.yaml", enterprise, gateway, certificate_cn)
    except DevicesInvalid as error:
        raise _stop(str(error)) from None
    errors.print(f"device {name}; its key is shown only now:", highlight=False)
    print(key)


@device.command("list")
def list_devices(data: Data = DATA) -> None:
    """List the devices."""
    from gateway.mqtt.devices import load_devices

    for known in load_devices(data / "devices.yaml"):
        console.print(known.name, known.certificate_cn, highlight=False, markup=False)


@device.command("remove")
def remove_device(name: str, data: Data = DATA) -> None:
    """Forget a device; it is refused at its next connection."""
    from gateway.mqtt.devices import remove_device as remove

    if not remove(data / "devices.yaml", name):
        raise _stop(f"there is no device {name}: see  hazardwatch device list")


@operator.command("add")
def add_operator(
    name: str,
    role: Annotated[str, typer.Option(help="operator or viewer.")] = "operator",
    data: ApiData = DATA,
) -> None:
    """Let a person use the alert service; prints the key, which is shown only now."""
    from api.auth import OperatorsRefused
    from api.auth import add_operator as add

    try:
        key = add(data / "operators.json", name, role)
    except OperatorsRefused as error:
        raise _stop(str(error)) from None
    errors.print(f"{role} {name}; the key is shown only now:", highlight=False)
    print(key)


def _time(ns: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
