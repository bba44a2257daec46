"""What running incidents do to the points that report now."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.quality import Quality
from simulators.generator.counted import Int64
from simulators.generator.incidents import Calendar, Incidents, no_incidents
from simulators.generator.signals import DAY_S, Signals
from simulators.processes.gases import Float64

CALIBRATION_SHARE = 0.5
"""Of the upper end of the range: the test gas."""


@dataclass(frozen=True)
class Report:
    """The points that report at one second; effects change the columns in place."""

    at: Int64
    """Their places."""
    value: Float64
    noise: Float64
    quality: npt.NDArray[np.uint8]
    sent: npt.NDArray[np.bool_]


class Disturbance:
    """The incidents of `rows`, which last or are to come."""

    def __init__(self, calendar: Calendar, rows: Int64, signals: Signals, high: Float64) -> None:
        """`high`: upper end of the range of each of `rows`."""
        self._days = calendar.days()
        self._kinds = np.array([model.kind for model in calendar.models])
        self._rows = rows
        self._signals = signals
        self._high = high
        self._table = no_incidents()
        self._slot = np.full(len(rows), -1, dtype=np.int64)
        self._begun = 0

    def apply(self, report: Report, t_s: int) -> None:
        """To be called for every second, from the first on."""
        if (t_s - 1) % DAY_S == 0:
            self._add(next(self._days), t_s)
        places, which = self._running(report.at, t_s)
        if len(places):
            kinds = self._kinds[self._table.name[which]]
            for kind in np.unique(kinds).tolist():
                chosen = kinds == kind
                self._affect(kind, report, places[chosen], self._table.taken(which[chosen]), t_s)

    def _affect(self, kind: str, report: Report, here: Int64, incidents: Incidents, t_s: int) -> None:
        """`here`: places in the report."""
        share = incidents.share(t_s)
        if kind == "process":
            report.value[here] += (incidents.peak - report.value[here]) * share
        elif kind == "drift":
            report.value[here] += incidents.peak * share
        elif kind == "stuck":
            report.value[here] = self._signals.smooth(report.at[here], incidents.begin_s)
            report.noise[here] = 0.0
        elif kind == "calibration":
            report.value[here] = CALIBRATION_SHARE * self._high[report.at[here]]
            report.quality[here] = Quality.BAD_CHECK_FUNCTION
        elif kind == "wire_break":
            report.value[here], report.quality[here] = np.nan, Quality.BAD_SIGNAL_LOW
        else:
            report.sent[here] = False

    def _add(self, day: Incidents, t_s: int) -> None:
        self._table = self._table.taken(np.flatnonzero(self._table.end_s > t_s)).with_more(day)
        self._slot[:] = -1
        self._begun = 0

    def _running(self, at: Int64, t_s: int) -> tuple[Int64, Int64]:
        """(places in `at`, places in the table) of those that an incident has now."""
        begun = int(np.searchsorted(self._table.begin_s, t_s, side="right"))
        fresh = np.arange(self._begun, begun)
        self._slot[np.searchsorted(self._rows, self._table.row[fresh])] = fresh
        self._begun = begun
        slots = self._slot[at]
        places = np.flatnonzero(slots >= 0)
        places = places[self._table.end_s[slots[places]] > t_s]
        return places, slots[places]
