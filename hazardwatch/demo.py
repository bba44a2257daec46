"""`hazardwatch demo`: gateway, alert service and a simulated plant, with a page."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from api.auth import ensure_first_operator
from gateway.mqtt.devices import add_device
from gateway.process import ensure_token
from hazardwatch.output import console
from hazardwatch.processes import Processes, free_port
from simulators.scenario import load_scenario

EXAMPLE = Path(__file__).parents[1] / "examples" / "tank-farm"
ENTERPRISE, GATEWAY = "E001", "GW1"
FIRST_START_S = 240.0
"""Kernels may have to be compiled."""


class Demo:
    """The folder, the ports and the secrets of one demonstration."""

    def __init__(self, scenario: str, data: Path) -> None:
        """Raises ScenarioInvalid, DevicesInvalid, OperatorsRefused, OSError."""
        self.scenario = scenario
        self.plan = load_scenario(scenario)
        self.data = data.absolute()
        ensure_token(self.data / "intake.token")
        self.device_key = add_device(self.data / "devices.yaml", ENTERPRISE, GATEWAY)
        self.operator_key = ensure_first_operator(self.data / "operators.json")
        self.mqtt_port = free_port(1883)
        self.api_port = free_port(8470)
        self.gateway_port = free_port(8471)
        self.api_url = f"http://127.0.0.1:{self.api_port}"
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"

    @property
    def page(self) -> str:
        return f"{self.api_url}/#key={self.operator_key}"

    def settings(self) -> dict[str, str]:
        """Environment of all the processes."""
        gateway = {
            "DATA_FOLDER": self.data,
            "SITE": EXAMPLE,
            "MQTT_PORT": self.mqtt_port,
            "HTTP_PORT": self.gateway_port,
            "ALERT_SERVICE_URL": self.api_url,
            "HISTORY_SEAL_S": 2,
        }
        api = {
            "DATA_FOLDER": self.data,
            "SITE": EXAMPLE,
            "PORT": self.api_port,
            "GATEWAY_URL": self.gateway_url,
        }
        return {
            **{f"HAZARDWATCH_GATEWAY_{name}": str(value) for name, value in gateway.items()},
            **{f"HAZARDWATCH_API_{name}": str(value) for name, value in api.items()},
            "HAZARDWATCH_DEVICE": f"{ENTERPRISE}/{GATEWAY}",
            "HAZARDWATCH_DEVICE_KEY": self.device_key,
        }

    async def start(self, processes: Processes) -> None:
        """Gateway and alert service, until both answer."""
        settings = self.settings()
        await processes.start("gateway", "gateway", settings=settings)
        await processes.start("api", "api", settings=settings)
        # 503 while the other one is not there yet: answering is what counts here.
        await processes.until_healthy(
            "gateway", f"{self.gateway_url}/health", FIRST_START_S, accept=(200, 503), show=_show
        )
        await processes.until_healthy("api", f"{self.api_url}/health/live", 60.0)

    async def simulate(
        self, processes: Processes, *options: str, output: int | None = None
    ) -> asyncio.subprocess.Process:
        return await processes.start(
            "simulator",
            "simulate",
            self.scenario,
            "--port",
            str(self.mqtt_port),
            *options,
            settings=self.settings(),
            output=output,
        )


async def run_with_page(demo: Demo, seconds: float | None) -> None:
    """Run until a signal, or for some seconds. Raises ProcessEnded if a process ends before."""
    ending = asyncio.Event()
    on_signals(ending.set)
    started = time.monotonic()
    async with Processes(demo.data / "logs") as processes:
        stop = asyncio.create_task(ending.wait())
        start = asyncio.create_task(demo.start(processes))
        await asyncio.wait({stop, start}, return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            start.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await start
            return
        start.result()
        await demo.simulate(processes)
        console.print(f"\nready after {time.monotonic() - started:.1f} s; logs are in {processes.log_folder}")
        console.print("open this page (the key is in the link; Ctrl-C ends everything):")
        print(demo.page, flush=True)
        ended = asyncio.create_task(processes.first_to_end())
        await asyncio.wait({stop, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done() and not stop.done():
            raise ended.result()
        ended.cancel()
        console.print("ending ...")


def on_signals(call: Callable[[], object]) -> None:
    """Call this at Ctrl-C, at a polite request to end, and when the terminal is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, call)


def _show(words: bytes) -> None:
    sys.stderr.buffer.write(words)
    sys.stderr.flush()
