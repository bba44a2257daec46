"""The samples of all points in an answer of InfluxDB, their two fields put together again."""

from typing import Any

import numpy as np

from gateway.history import flux
from gateway.history.lines import NO_VALUE
from gateway.history.port import HistoryColumns
from gateway.history.scanning import in_order_of_time, rows_of_answer


def joined(answer: dict[str, Any]) -> HistoryColumns:
    """Yields `value` and `quality` as samples in the order of time; NaN where no value came.

    Raises FluxError for a field of another type than the gateway writes.
    """
    told, numbers = answer.get("quality"), answer.get("value")
    quality = rows_of_answer(
        flux.names(told), flux.times(told), np.zeros(len(flux.times(told))), flux.integers(told)
    )
    value = rows_of_answer(
        flux.names(numbers), flux.times(numbers), flux.floats(numbers), np.zeros(len(flux.times(numbers)))
    )
    found = np.full(quality.code.size, np.nan)
    code_of = {name: code for code, name in enumerate(quality.names)}
    for code, name in enumerate(value.names):
        mine = slice(*np.searchsorted(value.code, [code, code + 1]))
        theirs = slice(*np.searchsorted(quality.code, [code_of.get(name, -1), code_of.get(name, -1) + 1]))
        times = quality.source_time[theirs]
        place = np.searchsorted(times, value.source_time[mine])
        known = place < times.size
        known[known] = times[place[known]] == value.source_time[mine][known]
        found[theirs][place[known]] = value.value[mine][known]
    numbers_of = np.asarray(quality.quality, np.int64)
    found[numbers_of >= NO_VALUE] = np.nan
    settled = quality._replace(value=found, quality=(numbers_of % NO_VALUE).astype(np.uint8))
    return in_order_of_time(settled)
