"""`hazardwatch demo`: gateway, alert service and a simulated plant, with a page."""

import asyncio
import contextlib
import re
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from api.auth.keys import ensure_first_operator
from gateway.mqtt.devices import add_device
from gateway.serving import ensure_token
from hazardwatch.demo_sites import TANK_FARM_SITE, DemoSite
from hazardwatch.output import COMPILING, ProgressLine, console
from hazardwatch.processes import ProcessEnded, Processes, free_port
from simulators.errors import ScenarioInvalid
from simulators.parks import list_parks, load_park
from simulators.scenario import load_scenario
from simulators.simulate import LEAD_S

EXAMPLE, DESK_POLICY = TANK_FARM_SITE.folder, TANK_FARM_SITE.desk_policy
HISTORY_H = 6.0
"""How many hours of samples a new demonstration with a page begins with."""
PREFERRED_PORTS = (1883, 8470, 8471)
"""In the order of DOORS."""
DOORS = ("MQTT", "page", "gateway")
FIRST_START_S = 240.0
"""Kernels may have to be compiled."""
API_START_S = 240.0
"""A register of 100,000 points takes a minute on a busy machine."""
PLAY_AFTER_S = 4.0
ATTEMPTS = 3


class Demo:
    """The folder, the ports and the secrets of one demonstration."""

    def __init__(
        self,
        scenario: str,
        data: Path,
        password: str | None = "",
        *,
        ports: Sequence[int] = PREFERRED_PORTS,
        shows: DemoSite = TANK_FARM_SITE,
        history_h: float = 0.0,
    ) -> None:
        """`scenario`: or park; it plays on the site that the demonstration `shows`. `password`: of all the
        invented people; empty: none of them can log in; None: one that the data folder keeps. `ports`: wished
        for, in the order of DOORS; 0 is any. `history_h`: how long the plants have stored samples before the
        start, where the data folder is new: an older one has its own history.

        Raises ScenarioInvalid, DevicesInvalid, OperatorsRefused, OSError.
        """
        self.scenario = scenario
        self.shows = shows
        self._check_plant()
        self.history_h = 0.0 if (data / "journal.sqlite").exists() else history_h
        self.password = kept_password(data) if password is None else password
        self.data = data.absolute()
        self.site = own_site(self.data, shows)
        self.database_url = f"sqlite:///{self.data / 'alarms.sqlite'}"
        ensure_token(self.data / "intake.token")
        self.device_keys = {
            device: add_device(self.data / "devices.yaml", *device.split("/")) for device in shows.devices
        }
        self.operator_key = ensure_first_operator(self.data / "operators.json")
        self._choose_ports(ports)
        self.played_at = 0.0
        """When the plants were started, by the event loop's clock."""

    def _check_plant(self) -> None:
        """Raises ScenarioInvalid for one that is none, or that plays on another site."""
        park = self.scenario in list_parks()
        plants = load_park(self.scenario).scenarios if park else (load_scenario(self.scenario),)
        devices = {f"{one.layout.enterprise}/{one.layout.gateway}" for one in plants}
        if not devices <= set(self.shows.devices):
            sends = ", ".join(sorted(devices))
            raise ScenarioInvalid(
                self.scenario, 1, "layout", f"{sends} sends, which the {self.shows.name} does not have"
            )

    def _choose_ports(self, preferred: Sequence[int]) -> bool:
        """Take these ports, or free ones for those that are taken; False if all of them were free."""
        ports = [free_port(port) for port in preferred]
        self.mqtt_port, self.api_port, self.gateway_port = ports
        self.api_url = f"http://127.0.0.1:{self.api_port}"
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"
        return ports != list(preferred)

    @property
    def page(self) -> str:
        return f"{self.api_url}/app/#key={self.operator_key}"

    def logins(self) -> list[str]:
        """Lines that say how to see the other desks; empty when nobody knows the people's password."""
        if not self.password:
            return []
        people = [member for member in self.shows.cast().members if member.role]
        names = [f'  log in as "{member.name}"  ({member.name_en}: {member.role})' for member in people]
        return [f"or at {self.api_url}/app/ with the password {self.password}", *names]

    def moves(self) -> list[str]:
        """A line for each port that is another one than usual, because that one is taken."""
        ports = (self.mqtt_port, self.api_port, self.gateway_port)
        return [
            f"port {usual} is taken: {door} is at port {port} instead"
            for door, usual, port in zip(DOORS, PREFERRED_PORTS, ports, strict=True)
            if port != usual
        ]

    @property
    def sandbox(self) -> str:
        """The command that shows what would have been sent."""
        return f"curl -s -H 'Authorization: Bearer {self.operator_key}' {self.api_url}/sandbox"

    def settings(self) -> dict[str, str]:
        """Environment of all the processes."""
        gateway = {
            "DATA_FOLDER": self.data,
            "SITE": self.site,
            "MQTT_PORT": self.mqtt_port,
            "HTTP_PORT": self.gateway_port,
            "ALERT_SERVICE_URL": self.api_url,
            "HISTORY_SEAL_S": 2,
        }
        api = {
            "DATA_FOLDER": self.data,
            "DATABASE_URL": self.database_url,
            "SITE": self.site,
            "PORT": self.api_port,
            "GATEWAY_URL": self.gateway_url,
            "ANSWER_BASE_URL": self.api_url,
            "NOTIFY_SANDBOX_ONLY": "true",
            "REGISTER_APPLY": "true",
            "DESK_POLICY": self.shows.desk_policy,
        }
        return {
            **{f"HAZARDWATCH_GATEWAY_{name}": str(value) for name, value in gateway.items()},
            **{f"HAZARDWATCH_API_{name}": str(value) for name, value in api.items()},
            **self._device(),
        }

    @property
    def device_key(self) -> str:
        """Of the first of the simulated devices."""
        return self.device_keys[self.shows.devices[0]]

    def _device(self) -> dict[str, str]:
        """The account of the simulated device, if there is but one."""
        if self.shows.is_park:
            return {}
        return {"HAZARDWATCH_DEVICE": self.shows.devices[0], "HAZARDWATCH_DEVICE_KEY": self.device_key}

    async def start(self, processes: Processes, *, playing: bool = False) -> None:
        """Gateway and alert service, until both answer. Another program may take a port between our look
        at it and our use of it, because a start takes seconds: then once more, with other ports.

        `playing`: start the plants too, at the latest PLAY_AFTER_S after the gateway: a point from which
        nothing comes is an alarm soon, and so is an alert service that takes no value.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._start(processes, playing=playing)
            except ProcessEnded:
                await processes.end()
                ports = (self.mqtt_port, self.api_port, self.gateway_port)
                if not self._choose_ports(ports) or attempt == ATTEMPTS:
                    raise
        return None

    async def _start(self, processes: Processes, *, playing: bool) -> None:
        loop, settings = asyncio.get_running_loop(), self.settings()
        await processes.start("gateway", "gateway", settings=settings)
        await self.settle_people()

        # What answers at the port may be a stranger: the gateway's own word, and our own key, prove it.
        async def gateway_ready() -> bool:
            return processes.has_said("gateway", b"gateway ready")

        async with httpx.AsyncClient(trust_env=False, timeout=2, headers=self.authorization) as client:

            async def api_ready() -> bool:
                if playing and loop.time() >= play_at and "simulator" not in processes.running:
                    await self.simulate(processes)
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get(f"{self.api_url}/alarms")).status_code == httpx.codes.OK
                return False

            # One after the other: a gateway that still compiles would be missed, which is a true alarm.
            await processes.until_ready("gateway", gateway_ready, FIRST_START_S, show=show_words)
            play_at = loop.time() + PLAY_AFTER_S
            await processes.start("api", "api", settings=settings)
            await processes.until_ready("api", api_ready, API_START_S)
        if playing and "simulator" not in processes.running:
            await self.simulate(processes)

    async def settle_people(self) -> None:
        """While the gateway starts: what this imports takes a second. Raises ProcessEnded."""
        from api.notify.vault import VaultRefused
        from api.store.errors import StoreInUse, StoreUnavailable
        from hazardwatch.demo_people import settle_people

        try:
            await settle_people(
                self.database_url, self.data, self.shows.folder, self.password, self.shows.cast()
            )
        except (StoreInUse, StoreUnavailable, VaultRefused) as error:
            raise ProcessEnded(str(error)) from None

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.operator_key}"}

    async def simulate(
        self, processes: Processes, *options: str, output: int | None = None
    ) -> asyncio.subprocess.Process:
        self.played_at = asyncio.get_running_loop().time()
        return await processes.start(
            "simulator",
            "simulate",
            self.scenario,
            "--port",
            str(self.mqtt_port),
            *(("--history", str(self.history_h)) if self.history_h else ()),
            *(("--keys", str(self.keys_file())) if self.shows.is_park else ()),
            *options,
            settings=self.settings(),
            output=output,
        )

    def keys_file(self) -> Path:
        """The devices' keys, for the simulator alone."""
        file = self.data / "device.keys"
        file.touch(mode=0o600)
        file.write_text("".join(f"{device}: {key}\n" for device, key in self.device_keys.items()), "utf-8")
        return file


def own_site(data: Path, shows: DemoSite = TANK_FARM_SITE) -> Path:
    """The demonstration's own copy of the example, so that a register can be imported into it.

    Raises OSError, also for a folder in which another site was shown.
    """
    site, kept = data / "site", data / "shown"
    if not site.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(shows.folder, site)
        kept.write_text(f"{shows.name}\n", "utf-8")
    before = kept.read_text("utf-8").strip() if kept.exists() else TANK_FARM_SITE.name
    if before != shows.name:
        raise FileExistsError(f"{data} holds a demonstration of {before}: give another folder with --data")
    return site


def kept_password(data: Path) -> str:
    """The password of the invented people: made with a new data folder, and kept in it.

    Empty for a folder whose people were made without one.
    """
    from api.auth.passwords import one_time_password

    file = data / "people.password"
    if file.exists():
        return file.read_text().strip()
    if (data / "alarms.sqlite").exists():
        return ""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    password = one_time_password()
    file.write_text(f"{password}\n")
    return password


def show(shows: DemoSite, scenario: str, data: Path | None, history_h: float | None, seconds: float) -> None:
    """A demonstration with its page, until a signal, or for some seconds if that is not 0.

    Raises ProcessEnded, and what `Demo` raises.
    """
    folder = data or Path("data") / ("park" if shows.is_park else "demo")
    hours = HISTORY_H if history_h is None else history_h
    demo = Demo(scenario or shows.plant, folder, None, shows=shows, history_h=hours)
    asyncio.run(run_with_page(demo, seconds or None))


async def run_with_page(demo: Demo, seconds: float | None) -> None:
    """Run until a signal, or for some seconds. Raises ProcessEnded if a process ends before."""
    ending = asyncio.Event()
    on_signals(ending.set)
    started = time.monotonic()
    async with Processes(demo.data / "logs") as processes:
        stop = asyncio.create_task(ending.wait())
        start = asyncio.create_task(demo.start(processes, playing=True))
        await asyncio.wait({stop, start}, return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            start.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await start
            return
        start.result()
        course = asyncio.create_task(play_course(demo), name="course of the demonstration")
        say(f"\nready after {time.monotonic() - started:.1f} s; logs are in {processes.log_folder}")
        for line in demo.moves():
            say(line)
        say("open this page (the key is in the link; Ctrl-C ends everything):")
        print(demo.page, flush=True)
        for line in demo.logins():
            print(line, flush=True)
        say(f"who was told of its alarms is on the page {demo.api_url}/app/outbox; nothing is sent.")
        say("The messages themselves, with links that answer an alarm:")
        print(demo.sandbox, flush=True)
        ended = asyncio.create_task(processes.first_to_end())
        await asyncio.wait({stop, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        course.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await course
        if ended.done() and not stop.done():
            raise ended.result()
        ended.cancel()
        say("ending ...")


async def play_course(demo: Demo) -> None:
    """What the people of a park do while it is shown; those of one enterprise leave it to the visitor."""
    from hazardwatch.park_course import play

    if demo.shows.is_park and demo.password:
        began = demo.played_at + (LEAD_S if demo.history_h else 0.0)
        await play(demo.api_url, demo.password, demo.shows.cast().members, began)


def on_signals(call: Callable[[], object]) -> None:
    """Call this at Ctrl-C, at a polite request to end, and when the terminal is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, call)


def say(line: str) -> None:
    """A line of its own, however narrow the terminal: an address in it can be copied."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


_compiling = ProgressLine()
LAST = re.compile(rb" (\d+)/\1 ")


def show_words(words: bytes) -> None:
    """How far a child is that compiles its detectors. The rest is in its log; why it ended, in the error."""
    for line in words.splitlines():
        if line.startswith(COMPILING):
            _compiling.tell(line.decode(errors="replace"), last=LAST.search(line) is not None)
