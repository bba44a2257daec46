"""The gateway's own MQTT endpoint with nothing behind it: the limit that the whole way is compared to.

    python -m benchmarks.null_endpoint FOLDER

frames packets, checks topics, decodes payloads and acknowledges at once; nothing is judged or kept.
FOLDER holds `site/` and `devices.yaml`. Prints its port; ends when its standard input does.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import uvloop

from alarm_rules.load import load_site
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.devices import Devices
from gateway.mqtt.listener import EndpointLimits, Listener
from gateway.pipeline import Pipeline
from gateway.samples import Arrival
from gateway.warm_up import warm_up


class Nothing:
    """Stands where the pipeline stands: takes arrivals and calls them committed."""

    def submit(self, arrival: Arrival) -> None:
        asyncio.get_running_loop().call_soon(arrival.committed)

    def on_pause(self, listener: Callable[[bool], None]) -> None:
        """Never pauses."""


async def main(folder: Path) -> None:
    site = load_site(folder / "site")
    number = {point.id: row for row, point in enumerate(site.points)}
    listener = Listener(
        cast(Pipeline, Nothing()),
        Messages(site, number, {"data": "json"}, 1 << 18),
        Devices(folder / "devices.yaml"),
        Metrics(),
        EndpointLimits(),
    )
    print(await listener.serve("127.0.0.1", 0), flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await listener.close()


if __name__ == "__main__":
    # Ended early, the warm-up must still take away what it made.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    warm_up(lambda _name, _done, _total: None)
    uvloop.run(main(Path(sys.argv[1])))
