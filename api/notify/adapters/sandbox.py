"""The sandbox: nothing is sent; what would have been is kept, and shown by GET /sandbox."""

from collections.abc import Mapping

from api.bilingual import both
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Field, Receipt, Surroundings, Target


class Sandbox:
    """Keeps messages. The same key is kept once and counted."""

    def __init__(self, around: Surroundings) -> None:
        self._keep = around.keep

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        await self._keep(message, target)
        return Receipt(words=both("已存入沙箱，未发送", "kept in the sandbox"))

    async def close(self) -> None:
        """Nothing to give free."""


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    """Any address will do: it is only shown."""


ADAPTER = Adapter(
    channel="sandbox",
    name="沙箱（只保存，不发送）",
    name_en="Sandbox (kept, not sent)",
    form=AddressForm(
        address=Field(name="address", title="显示名称", title_en="Name to show", example="sandbox"),
        check=_check,
    ),
    make=Sandbox,
    merges=False,
)
