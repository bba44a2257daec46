"""A recording with everything in it that a rule can see, and the process that replays it.

`replay` runs in processes forked from one that has its kernels loaded already, because a test that
kills twenty of them would otherwise spend its time on starting them.
"""

import json
import math
import random
from pathlib import Path

from gateway.recording import Moment
from gateway.replay import Replay
from gateway.warm_up import warm_up
from tests.gateway.plant import POINTS, SECOND, T0, make_site

ANY_DEVICE = [point.replace(", gateway: GW1", "") for point in POINTS]
PERIOD_S = 0.5
SECONDS = 1_500

warm_up(lambda _name, _done, _of: None)


def make_recording(seed: int) -> list[Moment]:
    """Crossings, delays passed and not, gaps, a stuck instrument, ramps, faults, late and double samples.

    Every sample carries its source time: one without gets the time of its arrival, and would be a new
    sample when it is delivered a second time.
    """
    dice = random.Random(seed)
    moments, stuck = [], 12.0
    held_back: list[dict[str, object]] = []
    for k in range(round(SECONDS / PERIOD_S)):
        second = k * PERIOD_S
        now = T0 + round(second * SECOND) + dice.randrange(50_000_000)
        values: dict[str, float] = {}
        qualities: dict[str, str] = {}
        if not 300 <= second % 500 < 345:
            values["LT1"] = round(9.5 + 1.8 * math.sin(second / 40) + dice.gauss(0, 0.15), 3)
        if not 200 <= second % 700 < 230:
            values["PT1"] = round(78 + 6 * math.sin(second / 9) + dice.gauss(0, 1.5), 2)
            if dice.random() < 0.01:
                qualities["PT1"] = dice.choice(["bad_sensor_failure", "bad_check_function", "uncertain"])
        values["TT1"] = round(20 + abs(second % 160 - 80) + dice.gauss(0, 0.2), 2)
        if not 600 <= second < 700:
            stuck = round(12 + dice.gauss(0, 0.5), 2)
        values["FT1"] = stuck
        message = {"t": now // 1_000_000, "v": values, "q": qualities}
        if dice.random() < 0.03:
            held_back.append(message)
            continue
        messages = [message]
        if held_back and dice.random() < 0.2:
            messages = [*held_back, message] if dice.random() < 0.5 else [message, *held_back]
            held_back = []
        if dice.random() < 0.02:
            messages.append(message)
        moments.append(Moment(k + 2, now, json.dumps(messages).encode()))
    return moments


def replay(site_folder: Path, data: Path, moments: list[Moment]) -> None:
    """Replay from the beginning; what the journal has already is recognised."""
    run = Replay(make_site(site_folder, ANY_DEVICE), data)
    for _change in run.run(iter(moments)):
        pass
    run.close()
