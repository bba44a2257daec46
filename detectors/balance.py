"""The balance of a tank that `mass_balance` draws: what a row keeps, and how a sample changes it.

Flows are integrated by trapezoids over their own stamps, and held from the newest sample to the stamp of the
level; what was held too long or too short is taken back when the flow's next sample is integrated. Sums
are kept since the newest level sample only, so nothing grows however long the balance runs. Forgetting
each change with exp(-age / window) needs one number where a window of samples would need thousands.
"""

import math
from typing import Any

import numpy as np

from detectors.contract import MOST_SLOTS, SECOND_NS
from detectors.kernel import compiled
from detectors.quality import CLEARS
from detectors.trend import FITS

NEVER_SEEN = int(np.iinfo(np.int64).min)
HOUR_S = 3600.0
MOST_TABLE = 16

TANK = np.dtype(
    [
        ("flows", np.int64),
        ("factors", np.float64, (MOST_SLOTS,)),  # m3/h of one unit, from slot 1 on
        ("inflows", np.int64),  # slots 1 to inflows flow in, the rest out
        ("corners", np.int64),
        ("levels", np.float64, (MOST_TABLE,)),  # point unit
        ("volumes", np.float64, (MOST_TABLE,)),  # m3
        ("sign", np.float64),  # of the residual that counts, 0: either
        ("tolerance", np.float64),  # m3
        ("share", np.float64),  # flow error
        ("back", np.float64),  # 1 - deadband
        ("cutoff", np.float64),  # m3/h
        ("window", np.float64),  # s
        ("smooth", np.float64),  # s
        ("max_age", np.int64),  # ns
        ("whole", np.int64),  # ns that must balance after a gap before it ends
    ]
)
BALANCE = np.dtype(
    [
        ("time", np.int64, (MOST_SLOTS,)),  # ns of the newest sample; NEVER_SEEN: none to be believed
        ("value", np.float64, (MOST_SLOTS,)),  # m3 of the level, m3/h of the flows
        ("began", np.int64),  # ns: the balance runs since; NEVER_SEEN: it does not
        ("net", np.float64),  # m3 in less out since the newest level sample, flows up to their newest
        ("gross", np.float64),  # the same either way
        ("residual", np.float64),
        ("shown", np.float64),  # smoothed
        ("throughput", np.float64),
        ("doubt", np.int16),  # bit a slot: its newest quality cannot end anything
    ]
)


@compiled
def volume_at(tank: Any, level: float) -> float:
    """m3; beyond the table its end goes on straight."""
    corner = 1
    while corner < tank["corners"] - 1 and level > tank["levels"][corner]:
        corner += 1
    low = tank["levels"][corner - 1]
    bottom = tank["volumes"][corner - 1]
    slope = (tank["volumes"][corner] - bottom) / (tank["levels"][corner] - low)
    return float(bottom + (level - low) * slope)


@compiled
def take_flow(tank: Any, balance: Any, slot: int, source_time: int, value: float) -> None:
    """Integrate a flow up to its new sample; after a gap the balance begins anew."""
    flow = value * tank["factors"][slot]
    flow = 0.0 if abs(flow) < tank["cutoff"] else flow
    before = balance["time"][slot]
    if before == NEVER_SEEN or source_time - before > tank["max_age"]:
        balance["began"] = NEVER_SEEN
    else:
        hours = (source_time - before) / SECOND_NS / HOUR_S
        old = balance["value"][slot]
        sign = 1.0 if slot <= tank["inflows"] else -1.0
        balance["net"] += sign * (old + flow) / 2.0 * hours
        balance["gross"] += (abs(old) + abs(flow)) / 2.0 * hours
    balance["time"][slot] = source_time
    balance["value"][slot] = flow


@compiled
def held(tank: Any, balance: Any, source_time: int) -> tuple[bool, float, float]:
    """(are all flows known now, m3 net and m3 gross from the flows' newest samples to source_time)."""
    net = 0.0
    gross = 0.0
    for slot in range(1, tank["flows"] + 1):
        time = balance["time"][slot]
        if time == NEVER_SEEN or abs(source_time - time) > tank["max_age"]:
            return False, 0.0, 0.0
        hours = (source_time - time) / SECOND_NS / HOUR_S
        flow = balance["value"][slot]
        net += flow * hours if slot <= tank["inflows"] else -flow * hours
        gross += abs(flow) * hours
    return True, net, gross


@compiled
def take_level(tank: Any, balance: Any, source_time: int, volume: float) -> bool:
    """Draw the balance at a level sample; False where it only begins, or cannot be drawn."""
    known, net, gross = held(tank, balance, source_time)
    before = balance["time"][0]
    moved = volume - balance["value"][0]
    balance["time"][0] = source_time
    balance["value"][0] = volume
    if not known:
        balance["began"] = NEVER_SEEN
        return False
    flowed = balance["net"] + net
    through = balance["gross"] + gross
    # What was held beyond the flows' newest samples is taken back when their next ones are integrated.
    balance["net"] = -net
    balance["gross"] = -gross
    if balance["began"] == NEVER_SEEN or before == NEVER_SEEN or source_time - before > tank["max_age"]:
        balance["began"] = source_time
        balance["residual"] = 0.0
        balance["shown"] = 0.0
        balance["throughput"] = 0.0
        return False
    passed = (source_time - before) / SECOND_NS
    keep = math.exp(-passed / tank["window"])
    balance["residual"] = keep * balance["residual"] + moved - flowed
    balance["throughput"] = keep * balance["throughput"] + through
    balance["shown"] += (1.0 - math.exp(-passed / tank["smooth"])) * (balance["residual"] - balance["shown"])
    return True


@compiled
def see(tank: Any, balance: Any, slot: int, source_time: int, value: float, quality: int) -> bool:
    """Take a member's sample in; True when there is a balance to judge."""
    bit = np.int16(1 << slot)
    if CLEARS[quality]:
        balance["doubt"] &= ~bit
    else:
        balance["doubt"] |= bit
    if not FITS[quality]:
        balance["time"][slot] = NEVER_SEEN
        balance["began"] = NEVER_SEEN
        return False
    if slot > 0:
        take_flow(tank, balance, slot, source_time, value)
        return False
    return take_level(tank, balance, source_time, volume_at(tank, value))
