"""deploy/make-secrets, and a real mosquitto under the delivered configuration."""

import queue
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from tests.deploy.composition import ROOT, make_secrets_script
from tests.simulators.mosquitto import Broker

SCRIPT = ROOT / "deploy" / "make-secrets"
DEADLINE_S = 10.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "deploy" / "mosquitto").mkdir(parents=True)
    return tmp_path


def make(root: Path, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, SCRIPT, "--root", root, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_secrets_are_long_different_and_for_their_owner_alone(root: Path) -> None:
    make(root)
    script = make_secrets_script()
    made = script.read_variables(root / ".env")
    assert set(made) == set(script.VARIABLES)
    assert len(set(made.values())) == len(made)
    assert min(map(len, made.values())) >= 40
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600


def test_second_run_changes_no_secret_and_adds_what_is_missing(root: Path) -> None:
    (root / ".env").write_text("HAZARDWATCH_SITE=/srv/site\nHAZARDWATCH_GRAFANA_PASSWORD=mine")
    make(root)
    first = (root / ".env").read_text()
    assert first.startswith("HAZARDWATCH_SITE=/srv/site\nHAZARDWATCH_GRAFANA_PASSWORD=mine\n")
    make(root)
    assert (root / ".env").read_text() == first


@pytest.mark.parametrize("device", ["E001", "/GW1", "E001/GW/1", "E+/GW1", "E001/#", "E001/a:b"])
def test_device_that_cannot_be_one_is_refused(root: Path, device: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        make(root, "--broker-device", device)
    assert "give enterprise/gateway" in refused.value.stderr
    assert not (root / "deploy" / "mosquitto" / "access").exists()


def test_device_given_anew_has_only_its_new_password(root: Path) -> None:
    make(root)
    make(root, "--broker-device", "E001/GW1")
    make(root, "--broker-device", "E001/GW1")
    folder = root / "deploy" / "mosquitto"
    assert (folder / "passwords").read_text().count("E001/GW1:") == 1
    assert (folder / "access").read_text().count("user E001/GW1\n") == 1
    assert "user hazardwatch-gateway\n" in (folder / "access").read_text()


@pytest.fixture
def broker(root: Path) -> Iterator[Broker]:
    """mosquitto as delivered; only its port and its folders are those of the test."""
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is missing: apt-get install mosquitto")
    make(root)
    broker = Broker(root)
    delivered = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text()
    for before, after in (
        ("listener 1883", f"listener {broker.port} 127.0.0.1"),
        ("/mosquitto/config/", f"{root}/deploy/mosquitto/"),
        ("/mosquitto/data/", f"{root}/"),
        ("log_dest stdout", "log_dest stderr\nlog_type information\nuser root"),
    ):
        assert before in delivered
        delivered = delivered.replace(before, after)
    (root / "mosquitto.conf").write_text(delivered)
    yield broker
    broker.stop()


class Client:
    """A client that says what it was told."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        self.told: queue.Queue[tuple[str, object]] = queue.Queue()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        if user:
            self.client.username_pw_set(user, password)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.told.put(("connect", str(reason)))
        self.client.on_publish = lambda _c, _u, _m, reason, _p: self.told.put(("publish", str(reason)))
        self.client.on_message = lambda _c, _u, message: self.told.put(("message", message.topic))
        self.client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.told.put(
            ("subscribe", str(reasons[0]))
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def hear(self) -> tuple[str, object]:
        return self.told.get(timeout=DEADLINE_S)

    def hear_of(self, what: str) -> object:
        """The next of one kind; a broker may end a connection that it refused something."""
        while (heard := self.hear())[0] != what:
            continue
        return heard[1]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def test_nobody_gets_in_without_a_password(broker: Broker) -> None:
    broker.start()
    client = Client(broker.port)
    assert client.hear() == ("connect", "Not authorized")
    client.close()


def test_device_reaches_the_gateway_below_its_own_topic_alone(broker: Broker, root: Path) -> None:
    key = make(root, "--broker-device", "E001/GW1")
    broker.start()
    password = make_secrets_script().read_variables(root / ".env")["HAZARDWATCH_BROKER_PASSWORD"]
    gateway = Client(broker.port, "hazardwatch-gateway", password)
    assert gateway.hear() == ("connect", "Success")
    gateway.client.subscribe("hazardwatch/v1/+/+/#", 1)
    assert gateway.hear() == ("subscribe", "Granted QoS 1")
    device = Client(broker.port, "E001/GW1", key)
    assert device.hear() == ("connect", "Success")
    device.client.publish("hazardwatch/v1/E001/GW2/data", b"{}", 1)
    assert device.hear_of("publish") == "Not authorized"
    device.client.publish("hazardwatch/v1/E001/GW1/data", b"{}", 1)
    assert device.hear_of("publish") == "Success"
    assert gateway.hear() == ("message", "hazardwatch/v1/E001/GW1/data")
    gateway.client.publish("hazardwatch/v1/E001/GW1/data", b"{}", 1)
    assert gateway.hear_of("publish") == "Not authorized"
    device.close()
    gateway.close()
