"""The generic webhook: signed, pinned, without redirects, and never into a private network unawares."""

import ipaddress
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.notify.adapters.webhook import sign
from api.notify.errors import MessageRefused, ProviderBusy, ProviderDown, TargetRefused, Unclear
from api.notify.networks import networks, pinned, reachable
from api.notify.port import NotConfigured
from tests.notify.adapting import make, outgoing, target
from tests.notify.provider import Reply, running_provider, told

LOOPBACK = ("127.0.0.0/8",)
SECRET = "a-shared-secret-of-the-site"
NOW = 1_763_797_087_000_000_000


async def send(address: str, allowed=LOOPBACK, secret: str = "", **settings):
    notifier = make("webhook", clock=lambda: NOW, notify_private_networks=allowed, **settings)
    try:
        return await notifier.send(outgoing("webhook"), target("webhook", address, secret=secret))
    finally:
        await notifier.close()


async def test_body_is_signed_and_has_the_same_key_when_sent_again() -> None:
    async with running_provider(lambda _request: Reply(b"thanks", 202)) as provider:
        receipt = await send(provider.url + "/hook?x=1", secret=SECRET)
        await send(provider.url + "/hook?x=1", secret=SECRET)
    first, second = provider.requests
    assert first.path == "/hook"
    assert first.query == {"x": "1"}
    timestamp = first.headers["x-hazardwatch-timestamp"]
    assert first.headers["x-hazardwatch-signature"] == sign(SECRET, int(timestamp), first.body)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.headers["host"] == f"127.0.0.1:{provider.port}"
    body = first.json
    assert (body["kind"], body["priority"], body["alarms"]) == ("alarm", "CRITICAL", ["alarm1"])
    assert "thanks" in receipt.words


async def test_signature_changes_with_a_byte_of_the_body_and_with_the_time() -> None:
    assert len({sign(SECRET, 1, b"{}"), sign(SECRET, 1, b"{ }"), sign(SECRET, 2, b"{}")}) == 3


async def test_name_is_resolved_once_and_the_connection_goes_to_that_address() -> None:
    async with running_provider() as provider:
        await send(f"http://localhost:{provider.port}/hook", allowed=("127.0.0.0/8", "::1/128"))
    assert provider.requests[0].headers["host"] == f"localhost:{provider.port}"


async def test_loopback_is_refused_unless_it_is_allowed() -> None:
    async with running_provider() as provider:
        for address in (
            provider.url,
            f"http://localhost:{provider.port}/",
            f"http://2130706433:{provider.port}/",
        ):
            with pytest.raises(TargetRefused, match="NOTIFY_PRIVATE_NETWORKS"):
                await send(address, allowed=())
    assert provider.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_address_inside_is_not_reachable(address) -> None:
    assert not reachable(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["203.0.114.7", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_address_is_reachable(address) -> None:
    assert reachable(ipaddress.ip_address(address), ())


@given(st.ip_addresses(v=4))
def test_an_ipv6_form_of_an_address_is_judged_as_the_address_itself(address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert reachable(mapped, ()) == reachable(nat64, ()) == reachable(address, ())


def test_allowed_network_opens_itself_only() -> None:
    allowed = networks(["10.20.0.0/16"])
    assert reachable(ipaddress.ip_address("10.20.3.4"), allowed)
    assert not reachable(ipaddress.ip_address("10.21.0.1"), allowed)


async def test_name_that_does_not_exist_is_tried_again() -> None:
    with pytest.raises(ProviderDown, match="cannot be resolved"):
        await pinned("no-such-host.invalid", 443, ())


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (told(302, {"Location": "http://169.254.169.254/latest"}), TargetRefused),
        (told(429, {"Retry-After": "30"}), ProviderBusy),
        (told(400), MessageRefused),
        (told(401), TargetRefused),
        (told(410), TargetRefused),
        (told(502), ProviderDown),
        (Reply(hang=True), Unclear),
        (Reply(drip=True), Unclear),
        (Reply(b"x" * 100_000), Unclear),
    ],
)
async def test_answer_says_whether_to_try_again(reply, error) -> None:
    async with running_provider(lambda _request: reply) as provider:
        with pytest.raises(error):
            await send(provider.url)
    assert len(provider.requests) == 1, "a redirect is not followed"


async def test_certificate_is_checked_for_the_name_although_the_address_is_pinned(tmp_path: Path) -> None:
    """An own authority is not trusted by the system: the connection has to fail, and not in clear."""
    import asyncio

    from tests.gateway.certificates import Authority

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*Authority(tmp_path).issue("localhost"))
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ProviderDown, match="certificate"):
        await send(f"https://localhost:{port}/", allowed=("127.0.0.0/8", "::1/128"))
    assert not any(heard)
    server.close()


def test_network_that_is_none_is_told_by_name() -> None:
    with pytest.raises(NotConfigured, match="NOTIFY_PRIVATE_NETWORKS"):
        make("webhook", notify_private_networks=("10.0.0.0/99",))
