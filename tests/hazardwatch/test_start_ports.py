"""The ports of `hazardwatch start`: set, kept or free ones, and the addresses that follow from them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazardwatch import ports
from hazardwatch.ports import FILE, GATEWAY, MQTT, PAGE, Door, PortUnusable, choose_ports
from hazardwatch.processes import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program has."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        yield door.getsockname()[1]


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> dict[str, Door]:
    """The doors with usual ports that are free here, whatever runs on this machine."""
    low = 21_000
    own: dict[str, Door] = {}
    for name in ("MQTT", "PAGE", "GATEWAY"):
        low = next(port for port in range(low + 7, 30_000) if free_port(port) == port)
        own[name] = getattr(ports, name)._replace(usual=low)
    monkeypatch.setattr(ports, "DOORS", (own["MQTT"], ports.MQTT_TLS, own["PAGE"], own["GATEWAY"]))
    return own


def test_usual_ports_are_taken_when_they_are_free(tmp_path: Path, usual: dict[str, Door]) -> None:
    found = choose_ports(tmp_path, {})
    assert found.of == {door.name: door.usual for door in usual.values()}
    assert found.moved == []
    assert found.settings["HAZARDWATCH_API_GATEWAY_URL"] == f"http://127.0.0.1:{usual['GATEWAY'].usual}"
    assert (
        found.settings["HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL"] == f"http://127.0.0.1:{usual['PAGE'].usual}"
    )


def test_taken_usual_port_gives_way_to_a_free_one_and_both_are_named(
    tmp_path: Path, usual: dict[str, Door]
) -> None:
    with socket.create_server(("127.0.0.1", usual["GATEWAY"].usual)):
        found = choose_ports(tmp_path, {})
    other = found.of[GATEWAY.name]
    assert other not in {door.usual for door in usual.values()}
    assert found.moved == [
        f"port {usual['GATEWAY'].usual} is taken: the gateway's HTTP side is at port {other} instead"
    ]
    assert found.settings["HAZARDWATCH_GATEWAY_HTTP_PORT"] == str(other)
    assert found.settings["HAZARDWATCH_API_GATEWAY_URL"] == f"http://127.0.0.1:{other}"


def test_chosen_ports_are_those_of_the_next_start(tmp_path: Path, usual: dict[str, Door]) -> None:
    with socket.create_server(("127.0.0.1", usual["MQTT"].usual)):
        first = choose_ports(tmp_path, {})
    first.keep(tmp_path)
    again = choose_ports(tmp_path, {})
    assert again.of == first.of
    assert again.of[MQTT.name] != usual["MQTT"].usual
    assert again.moved == []


def test_kept_port_that_is_taken_is_an_error_because_devices_point_there(tmp_path: Path, taken: int) -> None:
    (tmp_path / FILE).write_text(f'{{"mqtt": {taken}}}')
    with pytest.raises(PortUnusable, match=f"port {taken} of the MQTT endpoint.*is taken.*{FILE}"):
        choose_ports(tmp_path, {})


def test_set_port_that_is_taken_is_one_error_with_the_remedy(tmp_path: Path, taken: int) -> None:
    with pytest.raises(PortUnusable) as refused:
        choose_ports(tmp_path, {"HAZARDWATCH_API_PORT": str(taken)})
    assert f"port {taken} of the page" in str(refused.value)
    assert "set HAZARDWATCH_API_PORT to another port" in str(refused.value)


def test_set_ports_stay_and_the_addresses_follow_them(tmp_path: Path) -> None:
    page, gateway = free_port(0), free_port(0)
    given = {
        "HAZARDWATCH_API_PORT": str(page),
        "HAZARDWATCH_API_HOST": "0.0.0.0",
        "hazardwatch_gateway_http_port": str(gateway),
    }
    found = choose_ports(tmp_path, given)
    assert (found.of[PAGE.name], found.of[GATEWAY.name]) == (page, gateway)
    assert set(found.chosen) == {MQTT.name}
    assert found.settings["HAZARDWATCH_API_GATEWAY_URL"] == f"http://127.0.0.1:{gateway}"
    assert found.settings["HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL"] == f"http://127.0.0.1:{page}"


def test_addresses_that_are_set_stay(tmp_path: Path) -> None:
    given = {
        "HAZARDWATCH_API_GATEWAY_URL": "http://gateway.example:81",
        "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL": "",
    }
    assert not set(given) & set(choose_ports(tmp_path, given).settings)


@pytest.mark.parametrize(("text", "opened"), [("", False), ("0", True)])
def test_mqtt_port_may_be_shut_or_left_to_us(tmp_path: Path, text: str, *, opened: bool) -> None:
    found = choose_ports(tmp_path, {"HAZARDWATCH_GATEWAY_MQTT_PORT": text})
    assert (MQTT.name in found.of) is opened
    assert ("HAZARDWATCH_GATEWAY_MQTT_PORT" in found.settings) is opened


@pytest.mark.parametrize("text", ["{", "[8470]", '{"page": "8470"}', '{"page": 70000}', '{"fax": 8470}'])
def test_damaged_file_of_kept_ports_is_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(PortUnusable, match=rf"{FILE} .*delete it"):
        choose_ports(tmp_path, {})


def test_door_of_tls_is_looked_at_only_when_its_port_is_set(tmp_path: Path, taken: int) -> None:
    with pytest.raises(PortUnusable, match="MQTT endpoint with TLS"):
        choose_ports(tmp_path, {"HAZARDWATCH_GATEWAY_MQTT_TLS_PORT": str(taken)})
    assert "mqtt_tls" not in choose_ports(tmp_path, {}).of
