"""Devices, operators, quarantine, scenarios and the simulator from the command line."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.auth.keys import Operators
from gateway.mqtt.devices import Devices
from gateway.settings import GatewaySettings
from hazardwatch.cli import unknown_variables
from simulators.parks import list_parks
from simulators.simulate import list_scenarios
from tests.hazardwatch.program import Command, run, running, until

COMMANDS = (
    "gateway", "api", "demo", "check", "simulate", "scenarios", "replay", "bench",
    "quarantine list", "quarantine show", "quarantine retry",
    "device add", "device list", "device remove", "operator add", "operator list", "operator remove",
    "user add", "user list", "user rights", "user reset", "user disable", "user enable",
    "key add", "key list", "key revoke",
)  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_help_of_every_command_says_what_it_does() -> None:
    from typer.testing import CliRunner

    from hazardwatch.cli import app

    for command in COMMANDS:
        answer = CliRunner().invoke(app, [*command.split(), "--help"])
        assert answer.exit_code == 0, command
        assert "Usage:" in answer.output
        description = [line.strip() for line in answer.output.splitlines() if line.strip()][1]
        assert len(description) > 15, f"{command} is not described"


def test_device_key_is_shown_once_and_its_file_is_for_the_owner_alone(tmp_path: Path) -> None:
    added = run(tmp_path, "device", "add", "E1/GW1", "--data", "data")
    assert (added.status, len(added.lines)) == (0, 1)
    (key,) = added.lines
    file = tmp_path / "data" / "devices.yaml"
    assert mode(file) == 0o600
    assert key not in file.read_text()
    assert Devices(file).by_key("E1/GW1", key.encode()) is not None
    listed = run(tmp_path, "device", "list", "--data", "data")
    assert listed.lines == ["E1/GW1"]
    assert run(tmp_path, "device", "remove", "E1/GW1", "--data", "data").status == 0
    again = run(tmp_path, "device", "remove", "E1/GW1", "--data", "data")
    assert again.status == 1
    assert again.err.startswith("there is no device E1/GW1: see  hazardwatch device list")


def test_operator_key_is_shown_once_and_its_file_is_for_the_owner_alone(tmp_path: Path) -> None:
    added = run(tmp_path, "operator", "add", "张伟", "--data", "data")
    assert (added.status, len(added.lines)) == (0, 1)
    (key,) = added.lines
    file = tmp_path / "data" / "operators.json"
    assert mode(file) == 0o600
    assert key not in file.read_text()
    principal = Operators(file).principal(key)
    assert principal is not None
    assert principal.name == "张伟"
    listed = run(tmp_path, "operator", "list", "--data", "data")
    assert listed.out.startswith("张伟  operator  since 20")
    assert run(tmp_path, "operator", "remove", "张伟", "--data", "data").status == 0
    assert Operators(file).principal(key) is None


@pytest.mark.parametrize(
    ("add", "file"),
    [(("device", "add", "E1/GW1"), "devices.yaml"), (("operator", "add", "张伟"), "operators.json")],
)
def test_key_of_a_known_name_is_replaced_only_when_that_is_said(
    tmp_path: Path, add: tuple[str, ...], file: str
) -> None:
    first = run(tmp_path, *add, "--data", "data")
    before = (tmp_path / "data" / file).read_bytes()
    second = run(tmp_path, *add, "--data", "data")
    assert (second.status, second.out) == (1, "")
    assert "the old key would stop working: give --replace" in second.err
    assert (tmp_path / "data" / file).read_bytes() == before
    replaced = run(tmp_path, *add, "--data", "data", "--replace")
    assert replaced.status == 0
    assert replaced.lines != first.lines
    assert (tmp_path / "data" / file).read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("device", "add", "GW1"), "'GW1' names no device: write enterprise/gateway, for example E001/GW1"),
        (("device", "add", "E1/"), "'' cannot be part of a topic"),
        (("device", "add", "E1/G 1"), "'G 1' cannot be part of a topic: a name without /, +, # and white"),
        (("device", "add", "E1/G#1"), "'G#1' cannot be part of a topic"),
        (("operator", "add", "a", "--role", "king"), "unknown role 'king': one of operator, "),
        (("operator", "remove", "nobody"), "has no operator 'nobody'"),
        (("quarantine", "list"), "journal.sqlite does not exist: give the gateway's data folder"),
        (("quarantine", "retry", "1"), "intake.token"),
    ],
)
def test_mistake_of_a_person_is_one_sentence_and_status_1(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = run(tmp_path, *arguments, "--data", "data")
    assert done.status == 1
    assert words in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("devices.yaml", ("device", "list")),
        ("devices.yaml", ("device", "remove", "E1/GW1")),
        ("devices.yaml", ("device", "add", "E1/GW1")),
        ("operators.json", ("operator", "add", "a")),
        ("journal.sqlite", ("quarantine", "list")),
    ],
)
def test_spoilt_file_is_told_with_its_name(tmp_path: Path, file: str, arguments: tuple[str, ...]) -> None:
    spoilt = tmp_path / "data" / file
    spoilt.parent.mkdir()
    spoilt.write_text("{{ neither : this [ nor that" * 300)
    before = spoilt.read_bytes()
    done = run(tmp_path, *arguments, "--data", "data")
    assert done.status == 1
    assert file in done.err
    assert spoilt.read_bytes() == before


def test_scenarios_lists_all_that_are_delivered_and_the_parks(tmp_path: Path) -> None:
    done = run(tmp_path, "scenarios")
    assert done.status == 0
    assert [line.split()[0] for line in done.lines] == [
        *(one.name for one in list_scenarios()),
        *list_parks(),
    ]


def test_unknown_scenario_lists_the_known_ones(tmp_path: Path) -> None:
    done = run(tmp_path, "simulate", "volcano")
    assert done.status == 1
    assert "no such scenario; there are ammonia-release, arm-rupture, " in done.err


def test_gateway_with_a_wrong_setting_names_it(tmp_path: Path) -> None:
    done = run(tmp_path, "gateway", HAZARDWATCH_GATEWAY_MQTT_PORT="many")
    assert done.status == 2
    assert "HAZARDWATCH_GATEWAY_MQTT_PORT: " in done.err


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("HAZARDWATCH_X_MQTT_PROT", "there is no such setting: did you mean HAZARDWATCH_X_MQTT_PORT?"),
        ("HAZARDWATCH_X_COLOUR", "there is no such setting: unset it; docs/settings.md lists all"),
    ],
)
def test_variable_that_is_no_setting_is_told_with_the_nearest_one(name: str, line: str) -> None:
    others = ["HAZARDWATCH_X_MQTT_PORT", "hazardwatch_x_site", "HAZARDWATCH_DEVICE", "HAZARDWATCH_DEVICE_KEY"]
    assert unknown_variables([*others, name], "HAZARDWATCH_X_", ["mqtt_port", "site"]) == [f"{name}: {line}"]


@pytest.mark.parametrize("command", ["gateway", "api"])
def test_every_wrong_setting_is_named_and_nothing_else_is_said(tmp_path: Path, command: str) -> None:
    prefix = f"HAZARDWATCH_{command.upper()}_"
    port = f"{prefix}MQTT_PORT" if command == "gateway" else f"{prefix}PORT"
    done = run(tmp_path, command, **{port: "many", f"{prefix}DATA_FOLDR": "d", "HAZARDWATCH_DEVICE": "a/b"})
    assert done.status == 2
    first, typing_error, value = done.err.splitlines()
    assert first == "2 setting(s) cannot be used:"
    assert typing_error.endswith(f"did you mean {prefix}DATA_FOLDER?")
    assert value.startswith(f"  {port}: ")
    assert not (tmp_path / "data").exists()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Command]:
    """A real gateway of the demonstration's site; the simulator's device may publish to it."""
    from hazardwatch.demo import EXAMPLE
    from hazardwatch.processes import free_port

    ports = {"HAZARDWATCH_GATEWAY_MQTT_PORT": free_port(0), "HAZARDWATCH_GATEWAY_HTTP_PORT": free_port(0)}
    environment = {
        "HAZARDWATCH_GATEWAY_DATA_FOLDER": str(tmp_path / "data"),
        "HAZARDWATCH_GATEWAY_SITE": str(EXAMPLE),
        "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL": "",
        **{name: str(port) for name, port in ports.items()},
    }
    with running(tmp_path, "gateway", **environment) as command:
        command.mqtt_port = ports["HAZARDWATCH_GATEWAY_MQTT_PORT"]
        command.url = f"http://127.0.0.1:{ports['HAZARDWATCH_GATEWAY_HTTP_PORT']}"
        yield command


def metrics(url: str) -> dict[str, float]:
    import httpx

    text = httpx.get(f"{url}/metrics", trust_env=False).text
    rows = [line.split(" ") for line in text.splitlines() if not line.startswith("#") and "{" not in line]
    return {name: float(value) for name, value in rows}


@pytest.mark.slow
def test_simulate_against_a_gateway_gets_everything_acknowledged_and_quarantine_can_be_retried(
    tmp_path: Path, gateway: Command
) -> None:
    import httpx

    key = run(tmp_path, "device", "add", "E001/GW1", "--data", "data").lines[0]
    seconds = 600
    done = run(
        tmp_path, "simulate", "normal", "--port", gateway.mqtt_port, "--speed", 300, "--seconds", seconds,
        "--truth", "truth.jsonl", "--json", HAZARDWATCH_DEVICE_KEY=key,
    )  # fmt: skip
    assert done.status == 0, done.err
    published = json.loads(done.lines[-1])["published"]
    assert published["samples"] == published["acknowledged_samples"] == seconds * 8 + seconds // 2 * 9
    assert published["unacknowledged_messages"] == published["overflowed_samples"] == 0
    figures = metrics(gateway.url)
    assert figures["hazardwatch_samples_total"] == published["samples"]
    assert figures["hazardwatch_quarantined_total"] == figures["hazardwatch_samples_late_total"] == 0
    assert (tmp_path / "truth.jsonl").read_text() == "", "nothing happens on a quiet day"

    token = {"Authorization": f"Bearer {(tmp_path / 'data' / 'intake.token').read_text().strip()}"}
    wrong = run(tmp_path, "simulate", "normal", "--port", gateway.mqtt_port, HAZARDWATCH_DEVICE_KEY="wrong")
    assert wrong.status == 1
    assert "user name or password is wrong" in wrong.err
    assert httpx.get(f"{gateway.url}/quarantine", headers=token, trust_env=False).status_code == 200
    absent = run(tmp_path, "quarantine", "retry", 7, "--data", "data", "--gateway-url", gateway.url)
    assert absent.status == 1
    assert absent.out.startswith("7: ")
    port = gateway.url.rpartition(":")[2]
    by_port = run(tmp_path, "quarantine", "retry", 7, "--data", "data", HAZARDWATCH_GATEWAY_HTTP_PORT=port)
    assert by_port.out == absent.out
    nobody = run(tmp_path, "quarantine", "retry", 7, "--data", "data", "--gateway-url", "http://127.0.0.1:1")
    assert nobody.status == 1
    assert "does not answer" in nobody.err


def test_settings_of_the_simulated_gateway_are_real_ones() -> None:
    names = {f"HAZARDWATCH_GATEWAY_{name.upper()}" for name in GatewaySettings.model_fields}
    assert {"HAZARDWATCH_GATEWAY_SITE", "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL"} <= names
    assert until(lambda: names, "names")
