"""The endpoint with TLS: keys over an encrypted line, client certificates, and who is refused."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.mqtt import packets
from gateway.mqtt.devices import add_device
from tests.gateway.certificates import Authority
from tests.gateway.endpoint import DATA, DEADLINE_S, Endpoint
from tests.gateway.mqtt_client import DISCONNECT, RawClient, connect, puback, publish

CN = "gw1.plant.example"
VALUE = '{"v": {"LT1": 5}}'


class Plant:
    """An endpoint with TLS and the papers of everybody around it."""

    def __init__(self, endpoint: Endpoint, authority: Authority, stranger: Authority) -> None:
        self.endpoint = endpoint
        self.authority = authority
        self.device = authority.issue(CN)
        self.unlisted = authority.issue("nobody.plant.example")
        self.expired = authority.issue("gw1-old", expired=True)
        self.strangers = stranger.issue(CN)

    def context(self, papers: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.file)
        if papers is not None:
            context.load_cert_chain(*papers)
        return context

    def client(self, papers: tuple[Path, Path] | None = None) -> RawClient:
        return RawClient(self.endpoint.gateway.mqtt_tls_port, self.context(papers))

    def connack(self, hello: bytes, papers: tuple[Path, Path] | None = None) -> int:
        with self.client(papers) as client:
            client.send(hello)
            header, body = client.receive()
            assert header == 0x20
            client.send(DISCONNECT)
        return body[1]


@pytest.fixture(scope="module")
def plant(kernels: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("tls")
    authority, stranger = Authority(folder), Authority(folder, "stranger")
    certificate, key = authority.issue("gateway")
    endpoint = Endpoint(
        folder,
        mqtt_tls_port=0,
        mqtt_tls_certificate=certificate,
        mqtt_tls_key=key,
        mqtt_tls_client_ca=authority.file,
    )
    endpoint.keys["E1/GW1"] = add_device(endpoint.devices_file, "E1", "GW1", CN)
    with endpoint:
        yield Plant(endpoint, authority, stranger)


def test_user_name_and_key_are_enough(plant):
    with plant.client() as client:
        client.send(plant.endpoint.hello(5))
        assert client.receive()[1][1] == packets.SUCCESS
        client.send(publish(DATA, VALUE, 1, 1))
        assert client.receive() == puback(1)
        client.send(DISCONNECT)
        assert client.receive_until_end() == []
    assert plant.endpoint.values()[-1] == 5.0


def test_certificate_is_enough(plant):
    with plant.client(plant.device) as client:
        client.send(connect(5, "by-certificate"))
        assert client.receive()[1][1] == packets.SUCCESS
        client.send(publish(DATA, VALUE, 1, 1))
        assert client.receive() == puback(1)
        client.send(DISCONNECT)
        client.receive_until_end()


def test_certificate_with_the_devices_own_name_is_let_in(plant):
    assert plant.connack(connect(5, "x", "E1/GW1", "no key"), plant.device) == packets.SUCCESS
    assert plant.connack(connect(5, "x", "", ""), plant.device) == packets.SUCCESS


def test_certificate_against_another_devices_name_is_refused(plant):
    hello = connect(5, "x", "E1/GW2", plant.endpoint.keys["E1/GW2"])
    assert plant.connack(hello, plant.device) == packets.NOT_AUTHORIZED
    assert plant.connack(connect(4, "x", "E1/GW2", plant.endpoint.keys["E1/GW2"]), plant.device) == 5


def test_certificate_of_no_device_needs_a_key(plant):
    assert plant.connack(connect(5, "x"), plant.unlisted) == packets.BAD_CREDENTIALS
    assert plant.connack(plant.endpoint.hello(5), plant.unlisted) == packets.SUCCESS


def test_wrong_key_and_no_papers_are_refused(plant):
    assert plant.connack(connect(5, "x", "E1/GW1", "wrong")) == packets.BAD_CREDENTIALS
    assert plant.connack(connect(5, "x")) == packets.BAD_CREDENTIALS


@pytest.mark.parametrize("papers", ["strangers", "expired"])
def test_certificate_that_the_authority_does_not_vouch_for_ends_the_handshake(plant, papers):
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        plant.connack(plant.endpoint.hello(5), getattr(plant, papers))
    assert plant.connack(plant.endpoint.hello(5)) == packets.SUCCESS, "others are still served"


def test_clear_text_on_the_port_of_tls_ends_that_connection_alone(plant):
    with RawClient(plant.endpoint.gateway.mqtt_tls_port) as client:
        client.send(plant.endpoint.hello(5))
        assert client.socket.recv(1 << 16)[:1] in (b"", b"\x15"), "nothing, or a TLS alert"
    assert plant.connack(plant.endpoint.hello(5)) == packets.SUCCESS


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_protocol_versions_are_not_spoken(plant):
    context = plant.context()
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        RawClient(plant.endpoint.gateway.mqtt_tls_port, context)


def test_abrupt_end_of_an_encrypted_line_is_offline(plant):
    before = len(plant.endpoint.offline())
    with plant.client(plant.device) as client:
        client.send(connect(5, "vanishing"))
        client.receive()
        client.reset()
    plant.endpoint.until(lambda: plant.endpoint.offline()[before:] == [True])
    assert plant.connack(connect(5, "vanishing"), plant.device) == packets.SUCCESS
    plant.endpoint.until(lambda: plant.endpoint.offline()[before:] == [True, False])


def test_paho_publishes_with_its_certificate(plant):
    client = paho.Client(CallbackAPIVersion.VERSION2, "paho-tls")
    client.tls_set(str(plant.authority.file), str(plant.device[0]), str(plant.device[1]))
    client.connect("127.0.0.1", plant.endpoint.gateway.mqtt_tls_port)
    client.loop_start()
    try:
        sent = client.publish(DATA, '{"v": {"LT2": 8}}', 1)
        sent.wait_for_publish(DEADLINE_S)
        assert plant.endpoint.values("E1/LT2")[-1] == 8.0
    finally:
        client.disconnect()
        client.loop_stop()


def test_mosquitto_pub_publishes_with_its_certificate(plant):
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is missing: install it (apt-get install mosquitto-clients)")
    port = str(plant.endpoint.gateway.mqtt_tls_port)
    certificate, key = plant.device
    command = ["mosquitto_pub", "-h", "localhost", "-p", port, "--cafile", plant.authority.file]
    command += ["--cert", certificate, "--key", key, "-q", "2", "-t", DATA, "-m", '{"v": {"LT2": 9}}']
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert plant.endpoint.values("E1/LT2")[-1] == 9.0
