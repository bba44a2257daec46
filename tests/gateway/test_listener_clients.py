"""Clients of other people publish to the endpoint; what they have an acknowledgement for is journalled."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import aiomqtt
import gmqtt
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.journal_reader import JournalReader
from gateway.mqtt.devices import add_device
from tests.gateway.endpoint import DATA, DEADLINE_S, Endpoint, write_site

MESSAGES = 30
VERSIONS = ["3.1.1", "5"]
PAHO_VERSION = {"3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}


def payloads(offset: int) -> list[str]:
    """Batch form, some with a time and some without."""
    times = ["", '"t": 1700000000000, ']
    return [f'{{{times[i % 10 == 3]}"v": {{"LT1": {offset + i}}}}}' for i in range(MESSAGES)]


def offset_of(endpoint: Endpoint, point: str = "E1/LT1") -> int:
    """A number that no earlier test of the module has used."""
    values = endpoint.values(point)
    return (int(max(values)) // 1000 + 1) * 1000 if values else 1000


def journalled(endpoint: Endpoint, offset: int, point: str = "E1/LT1") -> bool:
    wanted = [float(offset + i) for i in range(MESSAGES)]
    return [value for value in endpoint.values(point) if offset <= value < offset + 1000] == wanted


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", VERSIONS)
def test_paho_is_acknowledged_and_journalled(shared_endpoint, version, qos):
    offset = offset_of(shared_endpoint)
    client = paho.Client(CallbackAPIVersion.VERSION2, f"paho-{version}-{qos}", protocol=PAHO_VERSION[version])
    client.username_pw_set("E1/GW1", shared_endpoint.keys["E1/GW1"])
    refused = []
    client.on_publish = lambda _c, _u, _m, code, _p: refused.append(code) if code.is_failure else None
    client.connect("127.0.0.1", shared_endpoint.port, keepalive=5)
    client.loop_start()
    try:
        sent = [client.publish(DATA, payload, qos) for payload in payloads(offset)]
        for message in sent:
            message.wait_for_publish(DEADLINE_S)
            assert message.is_published()
        if qos:
            assert journalled(shared_endpoint, offset), "acknowledged means journalled"
        shared_endpoint.until(lambda: journalled(shared_endpoint, offset))
    finally:
        client.disconnect()
        client.loop_stop()
    assert not refused


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", VERSIONS)
async def test_aiomqtt_is_acknowledged_and_journalled(shared_endpoint, version, qos):
    offset = offset_of(shared_endpoint)
    protocol = aiomqtt.ProtocolVersion.V5 if version == "5" else aiomqtt.ProtocolVersion.V311
    async with aiomqtt.Client(
        "127.0.0.1",
        shared_endpoint.port,
        username="E1/GW1",
        password=shared_endpoint.keys["E1/GW1"],
        identifier=f"aiomqtt-{version}-{qos}",
        protocol=protocol,
    ) as client:
        for payload in payloads(offset):
            await client.publish(DATA, payload, qos=qos)
        if qos:
            assert journalled(shared_endpoint, offset)
        await asyncio.to_thread(shared_endpoint.until, lambda: journalled(shared_endpoint, offset))


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", VERSIONS)
async def test_gmqtt_is_acknowledged_and_journalled(shared_endpoint, version, qos):
    offset = offset_of(shared_endpoint, "E2/LT1")
    client = gmqtt.Client(f"gmqtt-{version}-{qos}")
    client.set_auth_credentials("E2/GW1", shared_endpoint.keys["E2/GW1"])
    gone = asyncio.Event()
    client.on_disconnect = lambda *_: gone.set()
    number = gmqtt.constants.MQTTv50 if version == "5" else gmqtt.constants.MQTTv311
    await client.connect("127.0.0.1", shared_endpoint.port, version=number)
    for payload in payloads(offset):
        client.publish("hazardwatch/v1/E2/GW1/data", payload, qos=qos)
    await asyncio.to_thread(shared_endpoint.until, lambda: journalled(shared_endpoint, offset, "E2/LT1"))
    # It does not wait for what it has not acknowledged yet: a device of its own, whose going may look rude.
    await client.disconnect()
    async with asyncio.timeout(DEADLINE_S):
        await gone.wait()


def mosquitto_pub(port: int, key: str, version: str, qos: int, lines: list[str], topic: str = DATA) -> None:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is missing: install it (apt-get install mosquitto-clients)")
    command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-u", "E1/GW1", "-P", key]
    command += ["-V", {"3.1.1": "mqttv311", "5": "mqttv5"}[version], "-q", str(qos), "-t", topic, "-l"]
    done = subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        text=True,
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", VERSIONS)
def test_mosquitto_pub_is_acknowledged_and_journalled(shared_endpoint, version, qos):
    offset = offset_of(shared_endpoint)
    mosquitto_pub(shared_endpoint.port, shared_endpoint.keys["E1/GW1"], version, qos, payloads(offset))
    if qos:
        assert journalled(shared_endpoint, offset)
    shared_endpoint.until(lambda: journalled(shared_endpoint, offset))


def test_mosquitto_pub_to_a_single_point_with_a_chinese_tag(shared_endpoint):
    key = shared_endpoint.keys["E1/GW1"]
    mosquitto_pub(shared_endpoint.port, key, "5", 1, ['{"v": 7.5, "q": "good"}'], f"{DATA}/液位3")
    assert shared_endpoint.values("E1/液位3") == [7.5]


def test_well_behaved_clients_leave_no_alarm_and_no_quarantine(shared_endpoint):
    assert shared_endpoint.offline() == []
    assert shared_endpoint.quarantine() == []
    assert shared_endpoint.metric("mqtt_malformed_total") == 0


@pytest.mark.slow
def test_gateway_command_serves_mosquitto_pub_and_ends_on_sigterm(kernels, tmp_path: Path):
    data = tmp_path / "data"
    key = add_device(data / "devices.yaml", "E1", "GW1")
    settings = {
        "DATA_FOLDER": data,
        "SITE": write_site(tmp_path / "site"),
        "MQTT_PORT": 0,
        "HTTP_PORT": 0,
        "ALERT_SERVICE_URL": "",
    }
    environment = os.environ | {f"HAZARDWATCH_GATEWAY_{name}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "hazardwatch", "gateway", "--json-logs"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    drain = threading.Thread(target=lambda: process.stderr.read(), daemon=True)
    try:
        port, said = 0, []
        for line in process.stderr:
            said.append(line)
            if line.startswith("{") and (entry := json.loads(line))["event"] == "gateway ready":
                port = entry["mqtt_port"]
                break
        drain.start()
        assert port, "the gateway did not become ready:\n" + "".join(said)
        mosquitto_pub(port, key, "5", 1, payloads(1000))
        reader = JournalReader(data / "journal.sqlite")
        _, samples = reader.samples_after(0, 1 << 30)
        reader.close()
        assert sorted(samples.value) == [float(1000 + i) for i in range(MESSAGES)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.wait()
        drain.join(DEADLINE_S)
        process.stderr.close()
