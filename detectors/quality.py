"""Quality of a sample, one byte; names after OPC UA Part 8 and NAMUR NE 107.

The two top bits are the class, as in OPC UA status codes: 00 good, 01 uncertain, 10 bad.
A BAD sample is never judged and never clears anything. An UNCERTAIN one may raise, and clears only
where `CLEARS` says so: a reading beyond the instrument's range proves nothing about safety.
"""

from enum import IntEnum

import numpy as np


class Quality(IntEnum):
    """What a sample is worth. Codes are stored in journals and histories: never renumber."""

    GOOD = 0x00
    UNCERTAIN = 0x40
    UNCERTAIN_LAST_USABLE_VALUE = 0x41
    UNCERTAIN_SENSOR_NOT_ACCURATE = 0x42  # NE 107 "out of specification"
    UNCERTAIN_OVER_RANGE = 0x43  # OPC UA UncertainEngineeringUnitsExceeded, upper side
    UNCERTAIN_UNDER_RANGE = 0x44  # OPC UA UncertainEngineeringUnitsExceeded, lower side
    UNCERTAIN_OVER_RANGE_LOCKED = 0x45  # a gas detector that saw too much and can no longer be believed
    UNCERTAIN_TIMESTAMP = 0x46  # source time in the future: judged at the gateway's received time
    BAD = 0x80
    BAD_NO_COMMUNICATION = 0x81
    BAD_SENSOR_FAILURE = 0x82
    BAD_DEVICE_FAILURE = 0x83
    BAD_OUT_OF_SERVICE = 0x84
    BAD_CHECK_FUNCTION = 0x85  # NE 107: calibration, inhibit, warm-up
    BAD_CONFIGURATION_ERROR = 0x86
    BAD_SIGNAL_LOW = 0x87  # NAMUR NE 43: at or below 3.6 mA
    BAD_SIGNAL_HIGH = 0x88  # NAMUR NE 43: at or above 21.0 mA
    BAD_BEAM_BLOCKED = 0x89
    BAD_WAITING_FOR_INITIAL_DATA = 0x8A  # the register knows the point, no sample has come yet


FIRST_UNCERTAIN = 0x40
FIRST_BAD = 0x80

NAMES: dict[str, int] = {quality.name.lower(): quality.value for quality in Quality}
"""Wire names, as a message's `q` gives them: `good`, `bad_sensor_failure`, ..."""

CLEARS = np.zeros(256, dtype=np.bool_)
"""`CLEARS[quality]`: may a sample of this quality end a condition?"""
CLEARS[[Quality.GOOD, Quality.UNCERTAIN_TIMESTAMP]] = True


def _wire_name(code: int) -> str:
    if code in Quality._value2member_map_:
        return Quality(code).name.lower()
    return "bad" if code >= FIRST_BAD else "uncertain" if code >= FIRST_UNCERTAIN else "good"


_WIRE_NAMES = tuple(_wire_name(code) for code in range(256))


def quality_name(code: int) -> str:
    """The wire name of a code; an unknown code of another release keeps its class."""
    return _WIRE_NAMES[code]
