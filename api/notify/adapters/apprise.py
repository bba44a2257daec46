"""Everything else, through Apprise: one address in its own form, e.g. `tgram://token/chat`.

Which services may be used is set; those that reach any host are left out by default. Apprise tells only
whether it worked: why it did not is read from its log. It blocks, so it runs in threads.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from api.bilingual import both
from api.notify.cutting import one_line
from api.notify.errors import AddressWrong, ProviderDown, TargetRefused
from api.notify.facts import WORDS
from api.notify.message import ANSWER, Outgoing
from api.notify.port import Adapter, AddressForm, Field, NotConfigured, Receipt, Surroundings, Target


class Apprise:
    """Sends through Apprise's own plug-in of the address."""

    def __init__(self, around: Surroundings) -> None:
        self._schemas = frozenset(around.settings.notify_apprise_schemas)
        if not self._schemas:
            raise NotConfigured(
                both(
                    "Apprise 须设置 HAZARDWATCH_API_NOTIFY_APPRISE_SCHEMAS",
                    "Apprise needs HAZARDWATCH_API_NOTIFY_APPRISE_SCHEMAS",
                )
            )

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        schema = target.address.partition("://")[0].lower()
        if schema not in self._schemas:
            raise TargetRefused(
                f"{schema}:// is not allowed: HAZARDWATCH_API_NOTIFY_APPRISE_SCHEMAS has "
                f"{', '.join(sorted(self._schemas))}"
            )
        link = f"\n{ANSWER}: {message.link}" if message.link else ""
        taken, words = await asyncio.to_thread(_notify, target.address, message.title, message.body + link)
        if not taken:
            raise ProviderDown(words or "refused, and Apprise does not say why")
        return Receipt(words=words)

    async def close(self) -> None:
        """Nothing is kept open."""


@cache
def _library() -> Any:
    """Loaded when first used: it takes a good part of a second."""
    import apprise

    return apprise


class _Words(logging.Handler):
    """Collects what Apprise says in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _notify(address: str, title: str, body: str) -> tuple[bool, str]:
    library = _library()
    asset = library.AppriseAsset(async_mode=False, app_id="Hazardwatch")
    service = library.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if service is None:
        raise TargetRefused("Apprise does not understand this address")
    words = _Words()
    mine = threading.get_ident()
    words.addFilter(lambda record: record.thread == mine)
    logger = logging.getLogger("apprise")
    logger.addHandler(words)
    try:
        taken = service.notify(body=body, title=title)
    finally:
        logger.removeHandler(words)
    return bool(taken), one_line(" ".join(words.said))[:WORDS]


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    schema, found, rest = address.partition("://")
    if not found or not schema.isalnum() or not rest or not address.isprintable() or " " in address:
        raise AddressWrong(
            both("Apprise 地址形如 `tgram://token/chat`", "an Apprise address looks like tgram://token/chat")
        )


ADAPTER = Adapter(
    channel="apprise",
    name="其他（Apprise）",
    name_en="Other services (Apprise)",
    form=AddressForm(
        address=Field(
            name="address",
            title="Apprise 地址",
            title_en="Address in the form of Apprise",
            example="tgram://token/chat",
        ),
        check=_check,
        secret_address=True,
    ),
    make=Apprise,
)
