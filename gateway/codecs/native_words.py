"""What the native JSON codec says of what it cannot use: wrong and right, in both languages.

Made only when something is refused. Values of a message are quoted as Python shows them.
"""

from typing import Any

from alarm_rules.wording import Both
from detectors.quality import NAMES

LONGEST = 40
"""Characters of a value that a reason quotes."""

NO_VALUES = Both('缺少成员 v：请给出 {"t": ms, "v": ...}', 'member v is missing: give {"t": ms, "v": ...}')
TAG_TWICE = Both(
    "同一报文中位号出现多次：每个时刻只给一个数值",
    "tag comes more than once in one message: give one value for each moment",
)
QUALITY_ALONE = Both(
    "有质量而没有数值：请在 v 中也写上该位号（没有数值时为空值）",
    "quality without a value: name the tag in v too (null if there is no value)",
)


def shown(value: Any) -> Both:
    """A value as a reason may quote it; what is nested is only named."""
    if isinstance(value, dict):
        return Both("对象", "an object")
    if isinstance(value, list):
        return Both("列表", "a list")
    text = repr(value)
    text = text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
    return Both(text, text)


def not_json(words: str) -> Both:
    """words: the parser's own, which stay as they are."""
    return Both(
        f"报文不是 JSON（“{words}”）：请发送 UTF-8 编码的 JSON 文本",
        f"payload is not JSON ({words}): send UTF-8 JSON text",
    )


def no_object(message: Any) -> Both:
    (chinese, english), form = shown(message), '{"t": ms, "v": ...}'
    return Both(
        f"报文为 {chinese}：请给出对象 {form}，或由其组成的列表",
        f"message is {english}: give an object {form} or a list of them",
    )


def unknown_member(name: str) -> Both:
    chinese, english = shown(name)
    return Both(
        f"成员 {chinese} 未知：只能有 t、v 和 q", f"unknown member {english}: only t, v and q are known"
    )


def member_twice(name: str) -> Both:
    chinese, english = shown(name)
    return Both(f"成员 {chinese} 出现两次：只给一次", f"member {english} comes twice: give it once")


def values_no_object(values: Any) -> Both:
    chinese, english = shown(values)
    return Both(
        f"v 为 {chinese}：请给出位号和数字组成的对象，或在主题中写明位号",
        f"v is {english}: give an object of tag and number, or name the tag in the topic",
    )


def qualities_no_object(qualities: Any) -> Both:
    chinese, english = shown(qualities)
    return Both(
        f"q 为 {chinese}：请给出位号和质量组成的对象", f"q is {english}: give an object of tag and quality"
    )


def no_time(t: Any) -> Both:
    chinese, english = shown(t)
    return Both(
        f"t 为 {chinese}：请给出自 1970 年（UTC）起的整数毫秒，或省略 t",
        f"t is {english}: give an integer of milliseconds since 1970 UTC, or leave it out",
    )


def other_time_unit(t: int) -> Both:
    return Both(
        f"t 为 {t}：请给出自 1970 年（UTC）起的毫秒，不是秒、微秒或纳秒",
        f"t is {t}: give milliseconds since 1970 UTC, not seconds, microseconds or nanoseconds",
    )


def no_quality(quality: Any) -> Both:
    (chinese, english), known = shown(quality), ", ".join(NAMES)
    return Both(f"质量为 {chinese}：可用 {known}", f"quality is {english}: use one of {known}")


def no_number(value: Any) -> Both:
    chinese, english = shown(value)
    return Both(f"数值为 {chinese}：请给出 JSON 数字", f"value is {english}: give a JSON number")


def not_finite(value: float) -> Both:
    chinese, english = shown(value)
    return Both(
        f"数值为 {chinese}：请给出有限的数字；没有数值时给空值，并附“坏”的质量",
        f"value is {english}: give a finite number, or null with a bad quality",
    )
