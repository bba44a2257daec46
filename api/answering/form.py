"""Reads what the answering page's form sends, and what the request says of its origin."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from api.answering.model import CHOICES, AnswerRefused, Given
from api.answering.words import Language
from api.bilingual import both

MAX_FIELDS = 20
NOT_OURS = ("cross-site", "same-site")


def read_form(body: bytes, address: str) -> Given:
    """The form's fields. AnswerRefused for what no page of ours sends."""
    try:
        fields = {
            name: values[0]
            for name, values in parse_qs(body.decode("utf-8"), max_num_fields=MAX_FIELDS).items()
        }
    except ValueError as error:
        raise AnswerRefused(
            both("表单无法读取，请重新打开链接。", "The form cannot be read; open the link again.")
        ) from error
    for choice in CHOICES:
        if fields.get("choice") == choice:
            return Given(
                choice=choice,
                nonce=fields.get("nonce", ""),
                colleague=fields.get("colleague", ""),
                comment=_plain(fields.get("comment", "")),
                address=address,
            )
    raise AnswerRefused(both("请选择一项答复。", "Please choose an answer."))


def _plain(text: str) -> str:
    """One line of printable characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def language_of(query: Mapping[str, str]) -> Language:
    """Chinese, unless English was chosen."""
    return "en" if query.get("lang") == "en" else "zh"


def refuse_from_elsewhere(headers: Mapping[str, str]) -> None:
    """AnswerRefused if the browser says that another site's page sent this form.

    Old browsers say nothing: that passes, since the form also needs the nonce of our page.
    """
    if headers.get("sec-fetch-site", "") in NOT_OURS:
        raise AnswerRefused(both("请在消息链接打开的页面上答复。", "Answer on the page that the link opens."))
