"""What was sent and what became of it, for the routes."""

import hmac
from collections.abc import Mapping
from pathlib import Path

from api.auth.principal import Scope
from api.notify.calling import CallWatch
from api.notify.deadletters import UnknownMessage
from api.notify.errors import NotifyFailed, TargetRefused
from api.notify.files import read_secret
from api.store.outbox import Row, outbox_row, page_of_outbox
from api.store.receipts import ReceiptRow, receipts_of
from api.store.sandbox import SandboxMessage, page_of_sandbox
from api.store.writer import Reader

SHORTEST_TOKEN = 24


class ReportRefused(Exception):
    """A report of calls that cannot be read: the provider posts it again later."""


class Papers:
    """Reads the outbox, receipts and the sandbox in scope; takes reports of calls."""

    def __init__(self, reader: Reader, calls: CallWatch, token_file: Path | None) -> None:
        self._reader = reader
        self._calls = calls
        self._token_file = token_file

    async def page(
        self, scope: Scope, before: int | None, limit: int, equals: Mapping[str, str], unsettled: bool
    ) -> list[Row]:
        """See `page_of_outbox`."""
        return await self._reader.run(lambda c: page_of_outbox(c, scope, before, limit, equals, unsettled))

    async def message(self, scope: Scope, number: int) -> tuple[Row, list[ReceiptRow]]:
        """One row with its receipts. Raises UnknownMessage."""
        row = await self._reader.run(lambda c: outbox_row(c, number, scope))
        if row is None:
            raise UnknownMessage(f"the outbox has no message {number}")
        return row, await self._reader.run(lambda c: receipts_of(c, number=number, scope=scope))

    async def receipts(self, scope: Scope, alarm_id: str) -> list[ReceiptRow]:
        """Every attempt for an alarm."""
        return await self._reader.run(lambda c: receipts_of(c, alarm_id=alarm_id, scope=scope))

    async def sandbox(
        self, scope: Scope, before: int | None, limit: int, receiver: str | None, key: str | None
    ) -> list[SandboxMessage]:
        """See `page_of_sandbox`."""
        return await self._reader.run(lambda c: page_of_sandbox(c, scope, before, limit, receiver, key))

    async def call_report(self, token: str, content: bytes) -> int:
        """Take a report of calls; how many calls it ended.

        UnknownMessage for a wrong token, as if there were nothing here; ReportRefused if it is no report.
        """
        if not self._is_token(token):
            raise UnknownMessage("there is nothing here")
        try:
            return await self._calls.report(content)
        except (ValueError, NotifyFailed) as error:
            raise ReportRefused(f"this is no report of calls: {error}") from error

    def _is_token(self, token: str) -> bool:
        try:
            expected = read_secret(self._token_file)
        except TargetRefused:
            return False
        known = len(expected) >= SHORTEST_TOKEN
        return hmac.compare_digest(token.encode(), expected.encode()) and known
