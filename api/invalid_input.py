"""What pydantic finds wrong with a request, in the reader's language.

    told({"type": "less_than_equal", "ctx": {"le": 5}, ...})
    "不得大于 5 ‖ Input should be less than or equal to 5"

The English is pydantic's own; the Chinese is made by the kind of the mistake and its particulars, never by
reading the English. Kinds: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from collections.abc import Mapping
from typing import Any

from api.bilingual import both, halves

CHINESE: Mapping[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项，请删去",
    "json_invalid": "不是有效的 JSON（{error}）",
    "json_type": "应为 JSON 文本",
    "none_required": "应为空",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "finite_number": "应为有限的数",
    "too_short": "至少 {min_length} 项，现有 {actual_length} 项",
    "too_long": "最多 {max_length} 项，现有 {actual_length} 项",
    "string_type": "应为文字",
    "string_unicode": "应为 UTF-8 文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式应符合 {pattern}",
    "string_not_ascii": "只能用 ASCII 字符",
    "enum": "应为 {expected}",
    "literal_error": "应为 {expected}",
    "dict_type": "应为键值表",
    "mapping_type": "应为键值表（{error}）",
    "model_type": "应为键值表",
    "model_attributes_type": "应为键值表",
    "dataclass_type": "应为键值表",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "set_type": "应为列表",
    "frozen_set_type": "应为列表",
    "iterable_type": "应为列表",
    "bool_type": "应为 `true` 或 `false`",
    "bool_parsing": "应为 `true` 或 `false`",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数太大",
    "int_from_float": "应为整数，不能带小数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "bytes_type": "应为字节",
    "bytes_too_short": "至少 {min_length} 字节",
    "bytes_too_long": "最多 {max_length} 字节",
    "date_type": "应为日期，如 2026-01-31",
    "date_parsing": "应为日期，如 2026-01-31（{error}）",
    "date_from_datetime_parsing": "应为日期，如 2026-01-31（{error}）",
    "date_from_datetime_inexact": "应为日期，不带时刻",
    "time_type": "应为时刻，如 08:30",
    "time_parsing": "应为时刻，如 08:30（{error}）",
    "datetime_type": "应为日期和时刻",
    "datetime_parsing": "应为日期和时刻（{error}）",
    "datetime_from_date_parsing": "应为日期和时刻（{error}）",
    "timezone_aware": "须带时区",
    "timezone_naive": "不带时区",
    "union_tag_invalid": "{discriminator} 为 {tag}，应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 {discriminator}",
    "url_type": "应为网址",
    "url_parsing": "应为网址（{error}）",
    "url_scheme": "网址应以 {expected_schemes} 开头",
    "url_too_long": "网址最多 {max_length} 个字符",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID（{error}）",
}
"""By pydantic's kind of the mistake; in braces its particulars."""
OF_OUR_OWN = ("value_error", "assertion_error")
"""Raised by a check of the service: the sentence is its own, often in both languages."""


def told(finding: Mapping[str, Any]) -> str:
    """One finding of pydantic's `errors()` in both languages.

    A kind that is not listed above gets its code for the Chinese reader: a code can be looked up.
    """
    kind = str(finding["type"])
    particulars = {name: str(value) for name, value in finding.get("ctx", {}).items()}
    if kind in OF_OUR_OWN and "error" in particulars:
        return particulars["error"]
    particulars = {name: halves(value)[0].replace(" or ", " 或 ") for name, value in particulars.items()}
    form = CHINESE.get(kind, f"不符合要求（{kind}）")
    try:
        chinese = form.format_map(particulars)
    except KeyError:  # pydantic left a particular out, or FastAPI made the finding itself
        chinese = f"不符合要求（{kind}）"
    return both(chinese, str(finding["msg"]))
