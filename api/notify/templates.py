"""Values for the approved template of an SMS or voice provider."""

import re
from collections.abc import Mapping

import msgspec

from api.bilingual import both
from api.notify.cutting import cut_characters, one_line
from api.notify.errors import AddressWrong
from api.notify.message import Outgoing

PHONE = re.compile(r"\+?[0-9]{6,20}")
FIELDS = ("title", "where", "value", "since", "link")


def template_values(message: Outgoing, most: int, fields: tuple[str, ...] = FIELDS) -> str:
    """JSON for the provider: every field, each in one line and no longer than `most` characters.

    A link is given whole or not at all: half a link leads nowhere.
    """
    given: Mapping[str, object] = message.detail.get("parameters") or {}
    values = {"title": message.title} | {name: str(value) for name, value in given.items()}
    if len(message.link) <= max(most, 60):
        values["link"] = message.link
    short = {
        name: values.get(name, "") if name == "link" else cut_characters(one_line(values.get(name, "")), most)
        for name in fields
    }
    return msgspec.json.encode({name: value or "-" for name, value in short.items()}).decode()


def check_phone(address: str, secret: str, options: Mapping[str, str]) -> None:
    """AddressWrong if it is no telephone number."""
    if not PHONE.fullmatch(address):
        raise AddressWrong(
            both(
                "电话号码只含数字，国外号码前加 +：13800000000",
                "a telephone number has digits only, with a + for another country: 13800000000",
            )
        )
