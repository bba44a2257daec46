"""E-mail against real SMTP servers: taken, refused, slow, without STARTTLS, and what would be smuggled."""

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from api.notify.errors import MessageRefused, NotifyFailed, ProviderDown, TargetRefused, Unclear
from api.notify.port import NotConfigured
from tests.gateway.certificates import Authority
from tests.notify.adapting import make, outgoing, target


class Mailbox:
    """Keeps mails; answers RCPT and DATA as it was told."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.rcpt = "250 ok"
        self.data = "250 queued as 4711"
        self.hang = False

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 (the library's name)
        if self.hang:
            await asyncio.Event().wait()
        if self.data.startswith("2"):
            self.envelopes.append(envelope)
        return self.data

    @property
    def mails(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(one.content, policy=default) for one in self.envelopes]


@asynccontextmanager
async def running_server(mailbox: Any, tls: ssl.SSLContext | None = None, **more: Any) -> AsyncIterator[int]:
    """An SMTP server of aiosmtpd in this loop; gives its port."""
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(mailbox, loop=loop, hostname="localhost", enable_SMTPUTF8=True, **more)

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def send(port: int, address: str = "li.wei@site.example", message: dict | None = None, **settings: Any):
    fields = {
        "notify_smtp_host": "localhost",
        "notify_smtp_port": port,
        "notify_smtp_sender": "watch@site.example",
        "notify_smtp_security": "none",
        "notify_timeout_s": 1.0,
    }
    notifier = make("email", **(fields | settings))
    return await notifier.send(outgoing("email", **(message or {})), target("email", address))


async def test_mail_has_chinese_text_link_and_a_number_that_is_the_same_when_sent_again() -> None:
    mailbox = Mailbox()
    async with running_server(mailbox) as port:
        receipt = await send(port)
        await send(port)
    first, second = mailbox.mails
    assert first["Subject"] == "【紧急】报警：液位高高 一号储罐"
    assert first["To"] == "li.wei@site.example"
    text = first.get_content()
    assert "96.5 %" in text
    assert "https://watch.example/a/k3y" in text
    assert first["Message-ID"] == second["Message-ID"] == receipt.reference
    assert first["Importance"] == "high"
    assert "4711" in receipt.words


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: spy@evil.example",
        "a@b.example\nBcc: spy@evil.example",
        "a@b.example, spy@evil.example",
        "Li Wei <a@b.example>",
        "a@b.example\x00",
        "a@b.example>\r\nRCPT TO:<spy@evil.example",
        "",
    ],
)
async def test_address_with_more_than_an_address_is_refused(address) -> None:
    mailbox = Mailbox()
    async with running_server(mailbox) as port:
        with pytest.raises(TargetRefused):
            await send(port, address)
    assert mailbox.envelopes == []


async def test_line_end_in_a_title_makes_no_header() -> None:
    mailbox = Mailbox()
    async with running_server(mailbox) as port:
        await send(port, message={"title": "报警\r\nBcc: spy@evil.example\r\n\r\nbody"})
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "报警 Bcc: spy@evil.example body"
    assert mailbox.envelopes[0].rcpt_tos == ["li.wei@site.example"]


@pytest.mark.parametrize(
    ("rcpt", "data", "error"),
    [
        ("450 4.2.1 mailbox busy", "250 ok", ProviderDown),
        ("550 5.1.1 no such user", "250 ok", TargetRefused),
        ("250 ok", "451 4.3.0 try later", ProviderDown),
        ("250 ok", "554 5.7.1 looks like spam", MessageRefused),
        ("250 ok", "552 5.2.2 mailbox full", MessageRefused),
    ],
)
async def test_code_of_the_server_says_whether_to_try_again(rcpt, data, error) -> None:
    mailbox = Mailbox()
    mailbox.rcpt, mailbox.data = rcpt, data
    async with running_server(mailbox) as port:
        with pytest.raises(NotifyFailed) as caught:
            await send(port)
    assert type(caught.value) is error
    assert (rcpt if not rcpt.startswith("2") else data)[:3] in caught.value.words


async def test_server_that_hangs_after_the_mail_is_unclear() -> None:
    mailbox = Mailbox()
    mailbox.hang = True
    async with running_server(mailbox) as port:
        with pytest.raises(Unclear):
            await send(port, notify_timeout_s=0.3)


async def test_nobody_there_is_a_provider_that_is_down() -> None:
    async with running_server(Mailbox()) as port:
        pass
    with pytest.raises(ProviderDown):
        await send(port)


async def test_server_without_starttls_gets_nothing() -> None:
    mailbox = Mailbox()
    async with running_server(mailbox) as port:
        with pytest.raises(TargetRefused, match="STARTTLS"):
            await send(port, notify_smtp_security="starttls")
    assert mailbox.envelopes == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server is TLS all along
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_goes_over_tls_with_login(security, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = authority.issue("localhost")
    context.load_cert_chain(certificate, key)
    password = tmp_path / "password"
    password.write_text("correct horse\n")
    mailbox = Mailbox()

    def authenticate(_server, _session, _envelope, _mechanism, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given.password == b"correct horse", handled=False)

    more = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    settings = {
        "notify_smtp_security": security,
        "notify_smtp_user": "watch",
        "notify_smtp_password_file": password,
        "notify_smtp_ca_file": authority.file,
    }
    async with running_server(mailbox, context if security == "tls" else None, **more) as port:
        await send(port, **settings)
        assert len(mailbox.envelopes) == 1
        with pytest.raises(ProviderDown):
            await send(port, **settings | {"notify_smtp_ca_file": None})
        password.write_text("wrong")
        with pytest.raises(TargetRefused, match="login"):
            await send(port, **settings)
    assert len(mailbox.envelopes) == 1


async def test_server_that_talks_nonsense_is_tried_again() -> None:
    async def babble(_reader, writer) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    with pytest.raises(NotifyFailed) as caught:
        await send(server.sockets[0].getsockname()[1])
    assert caught.value.retriable
    server.close()


def test_mail_without_a_server_is_not_configured() -> None:
    with pytest.raises(NotConfigured, match="NOTIFY_SMTP_HOST"):
        make("email")
