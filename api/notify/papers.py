"""What was sent and what became of it, for the routes."""

import hmac
from collections.abc import Mapping
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from api.auth.principal import EVERYTHING, Principal, Scope
from api.auth.records import user_id
from api.bilingual import both
from api.notify.calling import CallWatch
from api.notify.deadletters import UnknownMessage
from api.notify.errors import NotifyFailed, TargetRefused
from api.notify.files import read_secret
from api.store.outbox import Row, outbox_row, page_of_outbox
from api.store.receipts import ReceiptRow, receipts_of
from api.store.receivers import receiver_by_id
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
            raise UnknownMessage(both(f"发件箱没有第 {number} 条消息", f"the outbox has no message {number}"))
        return row, await self._reader.run(lambda c: receipts_of(c, number=number, scope=scope))

    async def receipts(self, scope: Scope, alarm_id: str) -> list[ReceiptRow]:
        """Every attempt for an alarm."""
        return await self._reader.run(lambda c: receipts_of(c, alarm_id=alarm_id, scope=scope))

    async def sandbox(
        self, reader: Principal, before: int | None, limit: int, receiver: str | None, key: str | None
    ) -> list[SandboxMessage]:
        """See `page_of_sandbox`; without the answering links of others, who would be answered for."""

        def look(c: Connection) -> list[SandboxMessage]:
            found = page_of_sandbox(c, reader.scope, before, limit, receiver, key)
            own = {each for each in {m.receiver for m in found} if _may_answer_for(c, reader, each)}
            return [m if m.receiver in own else msgspec.structs.replace(m, link="") for m in found]

        return await self._reader.run(look)

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


def _may_answer_for(connection: Connection, reader: Principal, receiver_id: str) -> bool:
    """His own messages; those of all for a key made at the machine itself whose holder may acknowledge."""
    if not reader.user:
        return reader.may("alarm.acknowledge")
    receiver = receiver_by_id(connection, receiver_id, EVERYTHING)
    return receiver is not None and bool(receiver.login) and user_id(receiver.login) == reader.user
