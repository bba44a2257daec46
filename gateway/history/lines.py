"""Samples as InfluxDB line protocol, in bulk.

    hazardwatch,point=tianjin-chem/TK101.LT01 value=5.32,quality=0i 1790000000000000001

InfluxDB has no NaN, and a point that is written again keeps the fields that the second writing does
not name. So "no value came" is not only a missing `value`: it is told by NO_VALUE added to `quality`.
"""

import re

import numpy as np
import numpy.typing as npt

from alarm_rules.wording import Both
from gateway.history.ordering import Rows

NO_VALUE = 256
"""Added to `quality` when the sample's value is NaN; whatever `value` an earlier writing left is void."""

NO_INFINITY = Both("历史库不能存无穷大", "InfluxDB has no infinite values").stored

_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|\\[,= ]|\\$")
_ESCAPED = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})


def refusal(name: str) -> str | None:
    """Why a name cannot be a tag's value, or None. Line protocol has no escape for a backslash before
    a separator, nor for control characters: such a name would be cut or would forge a second line."""
    if not name:
        return Both("测点编号为空，行协议不能写", "an empty point id cannot be a tag in line protocol").stored
    if _UNWRITABLE.search(name):
        return Both(
            f"测点编号 {name!r} 不能写成行协议：其中有控制字符、孤立的代理项、末尾的反斜杠，或逗号、等号、"
            "空格前的反斜杠",
            f"point id {name!r} cannot be written in line protocol: it has a control character, a lone "
            "surrogate, a backslash at its end or one before a comma, equals sign or space",
        ).stored
    return None


def measurement_text(measurement: str) -> str:
    """A measurement's name, escaped. ValueError if it cannot be one."""
    if not measurement or measurement[0] in "_#" or _UNWRITABLE.search(measurement):
        raise ValueError(f"{measurement!r} cannot be an InfluxDB measurement: choose a plain word")
    return measurement.replace(",", r"\,").replace(" ", r"\ ")


def format_lines(rows: Rows, measurement: str) -> list[str]:
    """One line a sample, in the order of `rows`; names and values must be writable."""
    heads = [f"{measurement_text(measurement)},point={name.translate(_ESCAPED)} " for name in rows.names]
    missing: npt.NDArray[np.bool_] = np.isnan(rows.value)
    quality = rows.quality.astype(np.int64)
    if not missing.any():
        return [
            f"{heads[code]}value={value!r},quality={q}i {time}"
            for code, value, q, time in zip(
                rows.code.tolist(),
                rows.value.tolist(),
                quality.tolist(),
                rows.source_time.tolist(),
                strict=True,
            )
        ]
    quality[missing] += NO_VALUE
    return [
        f"{heads[code]}quality={q}i {time}"
        if q >= NO_VALUE
        else f"{heads[code]}value={value!r},quality={q}i {time}"
        for code, value, q, time in zip(
            rows.code.tolist(),
            rows.value.tolist(),
            quality.tolist(),
            rows.source_time.tolist(),
            strict=True,
        )
    ]
