"""The siren against a real mosquitto: on is never kept, off always is, and it goes off by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from api.notify.errors import ProviderDown, TargetRefused, Unclear
from tests.gateway.mosquitto import Mosquitto
from tests.notify.adapting import make, outgoing, target

TOPIC = "site/siren/north"
DEADLINE_S = 10


@pytest.fixture
def broker(tmp_path: Path):
    one = Mosquitto(tmp_path / "broker")
    one.start()
    yield one
    one.stop()


@asynccontextmanager
async def hearing(port: int) -> AsyncIterator[asyncio.Queue]:
    """A siren that listens: (state, was it kept by the broker)."""
    heard: asyncio.Queue = asyncio.Queue()

    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe(TOPIC)

        async def listen() -> None:
            async for message in client.messages:
                heard.put_nowait((json.loads(message.payload), message.retain))

        task = asyncio.create_task(listen())
        try:
            yield heard
        finally:
            task.cancel()


async def next_of(heard: asyncio.Queue):
    async with asyncio.timeout(DEADLINE_S):
        return await heard.get()


def siren(port: int, **settings):
    return make(
        "siren",
        **({"notify_mqtt_host": "127.0.0.1", "notify_mqtt_port": port, "notify_timeout_s": 3} | settings),
    )


async def test_siren_goes_on_and_off_again_by_itself(broker) -> None:
    one = siren(broker.port)
    async with hearing(broker.port) as heard:
        await one.send(outgoing("siren"), target("siren", TOPIC, options={"on_s": "1"}))
        assert (await next_of(heard))[0] == {"state": "off"}
        on, kept = await next_of(heard)
        assert (on["state"], on["priority"], on["off_after_s"], kept) == ("on", "CRITICAL", 1.0, False)
        assert (await next_of(heard))[0] == {"state": "off"}
    await one.close()


async def test_siren_that_comes_back_while_it_should_sound_finds_off(broker) -> None:
    one = siren(broker.port)
    await one.send(outgoing("siren"), target("siren", TOPIC))
    async with hearing(broker.port) as heard:
        assert await next_of(heard) == ({"state": "off"}, True)
        assert heard.empty()
    await one.close()


async def test_return_to_normal_puts_it_off(broker) -> None:
    one = siren(broker.port)
    await one.send(outgoing("siren"), target("siren", TOPIC))
    async with hearing(broker.port) as heard:
        await next_of(heard)
        await one.send(outgoing("siren", kind="returned"), target("siren", TOPIC))
        assert (await next_of(heard))[0] == {"state": "off"}
    await one.close()


async def test_service_that_ends_leaves_no_siren_on(broker) -> None:
    one = siren(broker.port)
    async with hearing(broker.port) as heard:
        await one.send(outgoing("siren"), target("siren", TOPIC))
        assert [(await next_of(heard))[0]["state"] for _ in range(2)] == ["off", "on"]
        await one.close()
        assert (await next_of(heard))[0] == {"state": "off"}


async def test_broker_that_is_gone_is_tried_again(broker) -> None:
    broker.stop()
    with pytest.raises(ProviderDown):
        await siren(broker.port).send(outgoing("siren"), target("siren", TOPIC))


async def test_broker_that_hangs_is_unclear() -> None:
    async def hang(_reader, _writer) -> None:
        await asyncio.Event().wait()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    with pytest.raises((Unclear, ProviderDown)):
        await siren(server.sockets[0].getsockname()[1], notify_timeout_s=0.3).send(
            outgoing("siren"), target("siren", TOPIC)
        )
    server.close()


async def test_broker_that_refuses_the_login_is_for_a_person_to_mend(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    one = Mosquitto(tmp_path / "closed", "allow_anonymous false", f"password_file {passwords}")
    one.start()
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    try:
        with pytest.raises(TargetRefused):
            await siren(one.port, notify_mqtt_user="watch", notify_mqtt_password_file=secret).send(
                outgoing("siren"), target("siren", TOPIC)
            )
    finally:
        one.stop()
