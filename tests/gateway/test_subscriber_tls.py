"""The subscriber over TLS: certificates that fit, and those that do not."""

import datetime
import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.mqtt.broker_settings import BrokerMisconfigured
from tests.gateway.mosquitto import Mosquitto, free_port
from tests.gateway.subscribing import TAGS, TOPIC, Publisher, gateway
from tests.gateway.test_subscriber import subscribe_once


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


class TlsBroker:
    def __init__(self, folder: Path) -> None:
        self.authority, key = certificate(folder, "broker")
        self.client, self.client_key = certificate(folder, "gateway")
        self.port = free_port()
        self.mosquitto = Mosquitto(
            folder / "broker",
            "allow_anonymous true",
            f"listener {self.port} 127.0.0.1",
            f"certfile {self.authority}",
            f"keyfile {key}",
            f"cafile {self.client}",
            "require_certificate true",
            "allow_anonymous true",
        )


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TlsBroker]:
    it = TlsBroker(tmp_path)
    it.mosquitto.start()
    yield it
    it.mosquitto.stop()


async def test_subscriber_over_tls_reads_small_and_large_messages(tmp_path: Path, broker: TlsBroker) -> None:
    files = {"ca_file": broker.authority, "cert": broker.client, "key": broker.client_key}
    await subscribe_once(tmp_path, broker.port, **files)
    publisher = Publisher(broker.mosquitto.port)
    publisher.send(0, 500)
    many = [{"t": 1_800_000_000_000 + i, "v": {TAGS[0]: i}} for i in range(10_000)]
    publisher.put(TOPIC, json.dumps(many))
    publisher.send(500, 500)
    publisher.wait()
    publisher.close()
    async with gateway(tmp_path, port=broker.port, **files) as it:
        await it.until(lambda: it.figure("samples_total") >= 11_000)
        assert it.values() == [*range(500), *range(10_000), *range(500, 1000)]


async def test_broker_with_a_certificate_of_a_stranger_is_refused(tmp_path: Path, broker: TlsBroker) -> None:
    files = {"ca_file": broker.client, "cert": broker.client, "key": broker.client_key}
    async with gateway(tmp_path, port=broker.port, unreachable_after_s=1.0, **files) as it:
        await it.until(lambda: it.changes("broker_unreachable"))
        assert "CERTIFICATE_VERIFY_FAILED" in it.changes("broker_unreachable")[0].text


@pytest.mark.parametrize("broken", ["absent", "not PEM", "key without certificate"])
async def test_unusable_tls_files_are_refused_at_the_start(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "ca.pem"
    if broken != "absent":
        file.write_text("nonsense")
    given = {"key": file} if broken == "key without certificate" else {"ca_file": file}
    with pytest.raises(BrokerMisconfigured, match=r"ca\.pem"):
        async with gateway(tmp_path, port=1, **given):
            pass
