"""What can be wrong with what is asked of a rota.

UnknownRota    no such rota, or none in sight
RotaTaken      another rota has this id
RotaInvalid    (check.py) the definition has mistakes
RotaRefused    what was asked does not fit; the message says what would
SwapRefused    (swaps.py) likewise, of an offer
CalendarRefused (calendar_events.py) the file is no calendar
SpanRefused    (schedule.py) too long a span, or none
"""


class UnknownRota(Exception):
    """No rota, override, offer or feed has this id, or none that this person may see."""


class RotaTaken(Exception):
    """Another rota has this id: choose another."""


class RotaRefused(Exception):
    """What was asked does not fit; the message says why, and what would."""
