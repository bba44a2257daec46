"""The publisher against a real mosquitto: nothing is missing, order is kept, nothing is lost silently."""

import asyncio
import datetime
import ipaddress
import math
import subprocess
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from simulators.connection import Connection
from simulators.errors import OutboxUnusable, PublishRefused
from simulators.plant import Plant
from simulators.publisher import PublishReport, publish
from simulators.scenario import load_scenario
from simulators.target import Target
from simulators.wire import encode
from tests.simulators.mosquitto import Broker, Subscriber, free_port, line_to, running_broker, subscribed

TOPIC = "hazardwatch/v1/E001/GW1/data"
START = 1_700_000_000_000_000_000


@pytest.fixture
def broker(tmp_path: Path):
    with running_broker(tmp_path) as started:
        yield started


@pytest.fixture
def subscriber(broker: Broker):
    with subscribed(broker.port) as one:
        yield one


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.publisher.DRAIN_S", 0.1)
    monkeypatch.setattr("simulators.publisher.PROGRESS_EVERY_S", 0.05)


def _plant(seed: int = 1) -> Plant:
    return Plant(load_scenario("normal"), seed, START)


def _target(port: int, **keys: object) -> Target:
    return Target(host="127.0.0.1", port=port, **keys)


def _expected(seconds: int, seed: int = 1) -> list[bytes]:
    plant = _plant(seed)
    return [message.payload for _ in range(seconds) for message in encode(plant.advance(), TOPIC)]


def _assert_all_came_in_order(subscriber: Subscriber, seconds: int) -> None:
    assert subscriber.first_arrivals() == [msgspec.json.decode(one) for one in _expected(seconds)]


@pytest.mark.parametrize("mqtt5", [True, False])
async def test_publisher_delivers_every_sample_in_order(broker, subscriber, mqtt5):
    report = await publish(_plant(), _target(broker.port, mqtt5=mqtt5), speed=math.inf, seconds=120)
    await subscriber.until(120)
    _assert_all_came_in_order(subscriber, 120)
    assert report.messages == report.acknowledged_messages == 120
    assert report.samples == report.acknowledged_samples == 60 * 8 + 60 * 17
    assert (report.unacknowledged_messages, report.lost_samples, report.reconnects) == (0, 0, 0)


async def test_publisher_loses_nothing_when_the_broker_restarts_midway(broker, subscriber, tmp_path):
    target = _target(broker.port, outbox=tmp_path / "outbox.sqlite")
    running = asyncio.create_task(publish(_plant(), target, speed=400, seconds=600))
    await subscriber.until(100)
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    report = await running
    await subscriber.until(600)
    _assert_all_came_in_order(subscriber, 600)
    assert report.acknowledged_messages == 600
    assert report.reconnects >= 1
    assert report.last_error == ""


@pytest.mark.parametrize("mqtt5", [True, False])
async def test_publisher_loses_nothing_on_a_line_that_is_cut_again_and_again(broker, subscriber, mqtt5):
    async with line_to(broker.port, cuts=[30, 3000, 5001, 20_000, 777, 9999]) as line:
        report = await publish(
            _plant(), _target(line.port, mqtt5=mqtt5, answer_timeout_s=0.5), speed=math.inf, seconds=300
        )
    await subscriber.until(300)
    _assert_all_came_in_order(subscriber, 300)
    assert report.acknowledged_messages == 300
    # The first cut falls into the CONNECT: that was no connection yet.
    assert line.connections == 7
    assert report.reconnects == 5


async def test_publisher_keeps_to_the_receive_maximum_of_the_server(tmp_path):
    with (
        running_broker(tmp_path, "allow_anonymous true\nmax_inflight_messages 3") as broker,
        subscribed(broker.port) as subscriber,
    ):
        report = await publish(_plant(), _target(broker.port, in_flight=200), speed=math.inf, seconds=200)
        await subscriber.until(200)
    assert (report.acknowledged_messages, report.reconnects) == (200, 0)


async def test_connection_takes_its_window_from_the_server_where_that_is_smaller(tmp_path):
    with running_broker(tmp_path, "allow_anonymous true\nmax_inflight_messages 3") as broker:
        for in_flight, window in ((200, 3), (2, 2)):
            target = _target(broker.port, in_flight=in_flight)
            async with Connection(
                target, "window", "hazardwatch/v1/E001/GW1/state", lambda: None
            ) as connection:
                assert connection.window == window


async def test_last_will_tells_of_a_lost_device_but_not_of_one_that_said_goodbye(broker, subscriber):
    async with line_to(broker.port, cuts=[5000]) as line:
        await publish(_plant(), _target(line.port), speed=math.inf, seconds=60)
    await subscriber.until(61)
    wills = [payload for topic, payload in subscriber.messages if topic == "hazardwatch/v1/E001/GW1/state"]
    assert wills == [b'{"online":false}']


def _stop_when_made(many: int) -> tuple[asyncio.Event, object]:
    stop = asyncio.Event()

    def look(report: PublishReport) -> None:
        if report.messages >= many or report.full_outbox_stops:
            stop.set()

    return stop, look


async def test_outbox_on_disk_is_sent_first_by_the_next_run(broker, subscriber, tmp_path):
    outbox = tmp_path / "outbox.sqlite"
    stop, look = _stop_when_made(50)
    plant = _plant()
    nobody = _target(free_port(), outbox=outbox)
    cut = await publish(plant, nobody, speed=math.inf, seconds=50, stop=stop, on_progress=look)
    assert (cut.messages, cut.unacknowledged_messages, cut.lost_samples) == (50, 50, 0)
    assert cut.last_error

    rest = await publish(plant, _target(broker.port, outbox=outbox), speed=math.inf, seconds=80)
    await subscriber.until(80)
    _assert_all_came_in_order(subscriber, 80)
    assert (rest.leftover_messages, rest.messages, rest.acknowledged_messages) == (50, 30, 80)


async def test_outbox_in_memory_reports_what_died_with_it():
    stop, look = _stop_when_made(20)
    report = await publish(
        _plant(), _target(free_port()), speed=math.inf, seconds=20, stop=stop, on_progress=look
    )
    assert report.unacknowledged_messages == 20
    assert report.lost_samples == report.samples == 10 * 8 + 10 * 17


async def test_full_outbox_stops_the_clock_of_the_plant():
    plant = _plant()
    stop, look = _stop_when_made(10_000)
    target = _target(free_port(), outbox_capacity=10)
    report = await publish(plant, target, speed=math.inf, stop=stop, on_progress=look)
    assert (report.messages, report.full_outbox_stops) == (10, 1)
    assert plant.elapsed_s == 11
    # The moment that waited for room when the run was stopped is the only one without a place.
    assert report.overflowed_samples == 8


async def test_full_outbox_of_a_run_in_real_time_is_counted():
    stop = asyncio.Event()
    target = _target(free_port(), outbox_capacity=10)
    report = await publish(
        _plant(),
        target,
        speed=math.inf,
        seconds=30,
        stop=stop,
        on_full="count",
        on_progress=lambda seen: stop.set() if seen.plant_s >= 30 else None,
    )
    assert report.plant_s == 30
    assert report.messages == 10
    assert report.overflowed_samples == 10 * 8 + 10 * 17
    assert report.samples + report.overflowed_samples == report.lost_samples


async def test_outbox_of_another_device_is_refused(tmp_path):
    outbox = tmp_path / "outbox.sqlite"
    stop = asyncio.Event()
    stop.set()
    await publish(_plant(), _target(free_port(), outbox=outbox), stop=stop)
    other = load_scenario("normal")
    other = msgspec.structs.replace(other, layout=msgspec.structs.replace(other.layout, gateway="GW2"))
    with pytest.raises(OutboxUnusable, match="messages of E001/GW1, not of E001/GW2"):
        await publish(Plant(other), _target(free_port(), outbox=outbox), stop=stop)


async def test_outbox_too_small_for_one_moment_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("simulators.wire.MOST_POINTS_A_MESSAGE", 4)
    with pytest.raises(OutboxUnusable, match="no room for the 2 messages of one moment"):
        await publish(_plant(), _target(free_port(), outbox_capacity=1), speed=math.inf, seconds=5)


def _passwords(folder: Path, acl: str) -> str:
    passwords = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "gw1", "secret"], check=True)
    passwords.chmod(0o600)
    rights = folder / "acl"
    rights.write_text(acl)
    rights.chmod(0o600)
    return f"allow_anonymous false\npassword_file {passwords}\nacl_file {rights}"


OWN_TOPIC = "user gw1\ntopic write hazardwatch/v1/E001/GW1/#\n"


@pytest.mark.parametrize("mqtt5", [True, False])
async def test_wrong_password_ends_the_run_and_says_so(tmp_path, mqtt5):
    with running_broker(tmp_path, _passwords(tmp_path, OWN_TOPIC)) as broker:
        target = _target(broker.port, username="gw1", password="wrong", mqtt5=mqtt5)
        with pytest.raises(PublishRefused, match=r"connection refused .*(of the device|as its own)"):
            await publish(_plant(), target, speed=math.inf, seconds=5)


async def test_right_password_is_accepted(tmp_path):
    with running_broker(tmp_path, _passwords(tmp_path, OWN_TOPIC)) as broker:
        target = _target(broker.port, username="gw1", password="secret")
        report = await publish(_plant(), target, speed=math.inf, seconds=5)
    assert report.acknowledged_messages == 5


async def test_refused_message_is_never_taken_for_an_acknowledged_one(tmp_path):
    outbox = tmp_path / "outbox.sqlite"
    with running_broker(tmp_path, _passwords(tmp_path, "user gw1\ntopic write somewhere/else\n")) as broker:
        target = _target(broker.port, username="gw1", password="secret", outbox=outbox)
        with pytest.raises(PublishRefused, match=r"message refused \(Not authorized\): this account may not"):
            await publish(_plant(), target, speed=math.inf, seconds=5)
    # All five are still there for a run with the right account.
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        report = await publish(_plant(), _target(broker.port, outbox=outbox), speed=math.inf, seconds=0)
        await subscriber.until(report.leftover_messages)
    assert report.leftover_messages == report.acknowledged_messages > 0


def _certificates(folder: Path) -> tuple[str, str]:
    """(authority's file, mosquitto's settings) for a server on 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test broker")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    ca_file, key_file = folder / "server.pem", folder / "server.key"
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(ca_file), f"allow_anonymous true\ncertfile {ca_file}\nkeyfile {key_file}"


async def test_publisher_speaks_tls_to_a_server_it_trusts(tmp_path):
    ca_file, settings = _certificates(tmp_path)
    with running_broker(tmp_path, settings) as broker:
        report = await publish(_plant(), _target(broker.port, ca_file=ca_file), speed=math.inf, seconds=5)
        assert report.acknowledged_messages == 5
        with pytest.raises(PublishRefused, match="ca_file"):
            await publish(_plant(), _target(broker.port, tls=True), speed=math.inf, seconds=5)
