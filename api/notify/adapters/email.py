"""E-mail over the site's mail server, with STARTTLS or TLS."""

import hashlib
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import aiosmtplib

from alarm_rules.model import Priority
from api.bilingual import both
from api.notify.cutting import one_line
from api.notify.errors import (
    AddressWrong,
    MessageRefused,
    NotifyFailed,
    ProviderDown,
    TargetRefused,
    Unclear,
)
from api.notify.facts import WORDS
from api.notify.files import read_secret
from api.notify.message import ANSWER, Outgoing
from api.notify.port import Adapter, AddressForm, Clock, Field, NotConfigured, Receipt, Surroundings, Target
from api.notify.settings import NotifySettings

SECOND_NS = 1_000_000_000
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""One plain address: no name, no list, no line end; so nothing can be smuggled into a header."""
TARGET_CODES = (550, 551, 553, 501)


class Email:
    """One connection a message: a mail server that hangs holds up nobody else."""

    def __init__(self, around: Surroundings) -> None:
        settings = around.settings
        for name in ("notify_smtp_host", "notify_smtp_sender"):
            if not getattr(settings, name):
                raise NotConfigured(
                    both(
                        f"邮件须设置 HAZARDWATCH_API_{name.upper()}",
                        f"e-mail needs HAZARDWATCH_API_{name.upper()}",
                    )
                )
        if not ADDRESS.fullmatch(settings.notify_smtp_sender):
            raise NotConfigured(
                both(
                    "HAZARDWATCH_API_NOTIFY_SMTP_SENDER 不是邮箱地址",
                    "HAZARDWATCH_API_NOTIFY_SMTP_SENDER is no e-mail address",
                )
            )
        self._settings = settings
        self._clock: Clock = around.clock

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        if not ADDRESS.fullmatch(target.address):
            raise TargetRefused("that is no e-mail address")
        mail = _mail(message, target.address, self._settings.notify_smtp_sender, self._clock())
        try:
            async with _connection(self._settings) as server:
                if self._settings.notify_smtp_user:
                    password = read_secret(self._settings.notify_smtp_password_file)
                    await server.login(self._settings.notify_smtp_user, password)
                _, words = await server.send_message(mail)
        except aiosmtplib.SMTPException as error:
            raise _meaning(error) from error
        except (OSError, ssl.SSLError) as error:
            raise ProviderDown(f"no connection: {error}") from error
        return Receipt(reference=mail["Message-ID"], words=one_line(words)[:WORDS])

    async def close(self) -> None:
        """Nothing is kept open."""


def _connection(settings: NotifySettings) -> aiosmtplib.SMTP:
    security = settings.notify_smtp_security
    ca_file = settings.notify_smtp_ca_file
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return aiosmtplib.SMTP(
        hostname=settings.notify_smtp_host,
        port=settings.notify_smtp_port,
        use_tls=security == "tls",
        start_tls=security == "starttls",
        tls_context=None if security == "none" else context,
        timeout=settings.notify_timeout_s,
    )


def _mail(message: Outgoing, to: str, sender: str, now: int) -> EmailMessage:
    """Title and body pass as they are read: a line end in a title ends no header."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = one_line(message.title)
    mail["Date"] = format_datetime(datetime.fromtimestamp(now // SECOND_NS, UTC))
    mark = hashlib.sha256(f"{message.key}\n{to}".encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.priority >= Priority.HIGH:
        mail["Importance"] = "high"
    link = f"\n\n{ANSWER}: {message.link}" if message.link else ""
    mail.set_content(message.body + link + "\n", charset="utf-8", cte="base64")
    return mail


def _meaning(error: aiosmtplib.SMTPException) -> NotifyFailed:
    told = one_line(str(error))[:WORDS]
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refused = error.recipients[0]
        return _of_code(refused.code, f"{refused.code} {one_line(refused.message)}"[:WORDS])
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return TargetRefused(both(f"登录邮件服务器失败：{told}", f"login at the mail server failed: {told}"))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _of_code(error.code, f"{error.code} {one_line(error.message)}"[:WORDS])
    if isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPConnectTimeoutError):
        return ProviderDown(f"no connection: {told}")
    if isinstance(error, aiosmtplib.SMTPTimeoutError | aiosmtplib.SMTPServerDisconnected):
        return Unclear(both(f"邮件服务器没有应答：{told}", f"the mail server did not answer: {told}"))
    if "STARTTLS" in told.upper():
        return TargetRefused(
            both(
                "邮件服务器不支持 STARTTLS：不以明文发送，请见设置",
                "the mail server has no STARTTLS: nothing is sent in clear; see the settings",
            )
        )
    return Unclear(told)


def _of_code(code: int, told: str) -> NotifyFailed:
    """RFC 5321 section 4.2.1: 4xx may succeed later, 5xx will not."""
    if 400 <= code < 500 or code == -1:
        return ProviderDown(told)
    return TargetRefused(told) if code in TARGET_CODES else MessageRefused(told)


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
        raise AddressWrong(
            both(
                "邮箱地址形如 `duty@site.example`：只写一个地址，不带姓名",
                "an e-mail address looks like duty@site.example: one address, without a name",
            )
        )


ADAPTER = Adapter(
    channel="email",
    name="电子邮件",
    name_en="E-mail",
    form=AddressForm(
        address=Field(name="address", title="邮箱地址", title_en="Address", example="duty@site.example"),
        check=_check,
    ),
    make=Email,
    configured_by=("notify_smtp_host", "notify_smtp_sender"),
)
