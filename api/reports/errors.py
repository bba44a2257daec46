"""What can go wrong with a report.

ReportFailed
├── ReportTooSlow   it took longer than allowed: ask for a smaller desk, or allow more
├── ReportTooLarge  it is larger than allowed
└── ReportsBusy     too many are waiting: try again later
"""


class ReportFailed(Exception):
    """A report was not made; the message says why and what would help."""

    kind = "failed"


class ReportTooSlow(ReportFailed):
    kind = "too_slow"


class ReportTooLarge(ReportFailed):
    kind = "too_large"


class ReportsBusy(ReportFailed):
    kind = "busy"
