"""`hazardwatch generate | simulate | scenarios`: plants that do not exist."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hazardwatch.output import console, errors, set_up_logs

if TYPE_CHECKING:
    import msgspec

    from simulators.publisher import OnProgress, PublishReport
    from simulators.target import Target

HOUR_S = 3600.0
JsonOutput = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


def generate(
    points: Annotated[int, typer.Option(help="10 to 1,000,000.")],
    folder: Annotated[Path, typer.Option(help="Where to write it; empty, or an older generated plant.")],
    seed: Annotated[int, typer.Option(help="Same size and seed, same plant, to the byte.")] = 0,
    centre: Annotated[
        str, typer.Option(help="LONGITUDE,LATITUDE of its middle, WGS 84; without, points have no place.")
    ] = "",
    radius_km: Annotated[float, typer.Option(help="Enterprises stand within it.")] = 30.0,
    names: Annotated[bool, typer.Option(help="Invent names beside the identities.")] = True,
    period_s: Annotated[int, typer.Option(help="Every point reports so often; 0: as its kind does.")] = 0,
    as_json: JsonOutput = False,
) -> None:
    """Make a plant of any size: register, rules and devices; `simulate --generated` gives its traffic."""
    from hazardwatch.generating import generate_plant, plan_of
    from simulators.errors import SimulatorError

    try:
        plan = plan_of(points, seed, centre, radius_km, names=names, period_s=period_s)
        generate_plant(plan, folder, as_json=as_json)
    except (SimulatorError, OSError) as error:
        raise _fail(f"generate: {error}", 1) from None


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(help="Name of a delivered scenario or park, or a YAML file; or give --generated."),
    ] = "",
    host: str = "127.0.0.1",
    port: int = 1883,
    username: Annotated[str, typer.Option(envvar="HAZARDWATCH_DEVICE")] = "",
    key: Annotated[str, typer.Option(envvar="HAZARDWATCH_DEVICE_KEY", help="Key of the device.")] = "",
    keys: Annotated[
        Path | None, typer.Option(help="Of a park: YAML with a line ENTERPRISE/GATEWAY: KEY for each device.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="Authority of the endpoint's certificate: use TLS.")
    ] = None,
    seed: int = 0,
    speed: Annotated[float, typer.Option(help="Times real time.")] = 1.0,
    seconds: Annotated[float, typer.Option(help="Seconds of the plant's time; 0: to its end.")] = 0,
    history: Annotated[
        float,
        typer.Option(
            help="So many hours before the start the device was cut off; what it stored goes first."
        ),
    ] = 0,
    truth: Annotated[Path | None, typer.Option(help="Write there what started when.")] = None,
    outbox: Annotated[Path | None, typer.Option(help="Keep unacknowledged messages in this file.")] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Instead of a scenario: the folder of a generated plant.")
    ] = None,
    incident_rate: Annotated[
        float, typer.Option(help="Of a generated plant: incidents a point and day, 0 to 1.")
    ] = 0.002,
    as_json: JsonOutput = False,
) -> None:
    """Publish a simulated plant over MQTT."""
    import msgspec

    from simulators.errors import SimulatorError
    from simulators.target import Target

    set_up_logs()
    if not scenario and generated is None:
        raise _fail("simulate: give a scenario (hazardwatch scenarios lists them), or --generated FOLDER")
    if scenario and generated is not None:
        raise _fail("simulate: give a scenario or --generated FOLDER, not both")
    if seconds < 0 or seed < 0 or history < 0:
        raise _fail(f"simulate: --seconds {seconds:g}, --history {history:g}, --seed {seed}: none below 0")
    if generated is not None and (outbox is not None or seed or history):
        raise _fail(
            "simulate: a generated plant has its own seed, outboxes in memory and no history: leave them out"
        )
    try:
        target = Target(
            host=host,
            port=port,
            username=username or None,
            password=key or None,
            ca_file=str(ca_file) if ca_file else None,
            outbox=outbox,
        )
        run = _Run(target, seed, speed, seconds or None, history * HOUR_S, truth)
        if generated is not None:
            report = asyncio.run(run.generated(generated, incident_rate))
        else:
            report = asyncio.run(run.park_or_scenario(scenario, keys))
    except (SimulatorError, ValueError, OSError) as error:
        raise _fail(f"simulate: {error}", 1) from None
    text = msgspec.json.encode(report).decode()
    if as_json:
        print(text)
    else:
        console.print_json(text)


class _Run(NamedTuple):
    """What every kind of plant is played with, until its end or a signal."""

    target: "Target"
    seed: int
    speed: float
    seconds: float | None
    history_s: float
    truth: Path | None

    async def park_or_scenario(self, name: str, keys: Path | None) -> "msgspec.Struct":
        """Raises SimulatorError, ValueError, OSError."""
        from simulators.parks import list_parks, load_park, simulate_park
        from simulators.simulate import simulate as publish

        target, tell = self.target, _tell_once(f"{self.target.host}:{self.target.port}")
        if name in list_parks():
            return await simulate_park(
                load_park(name, self.seed),
                target,
                {} if keys is None else read_keys(keys),
                seed=self.seed,
                speed=self.speed,
                seconds=self.seconds,
                history_s=self.history_s,
                truth_file=self.truth,
                stop=_stop_at_signals(),
                on_progress=tell,
            )
        if keys is not None:
            raise ValueError("--keys belongs to a park; one device has --username and --key")
        return await publish(
            name,
            host=target.host,
            port=target.port,
            username=target.username,
            password=target.password,
            ca_file=target.ca_file,
            seed=self.seed,
            speed=self.speed,
            seconds=self.seconds,
            history_s=self.history_s,
            truth_file=self.truth,
            outbox=target.outbox,
            stop=_stop_at_signals(),
            on_progress=tell,
        )

    async def generated(self, folder: Path, rate: float) -> "msgspec.Struct":
        """Raises SimulatorError, ValueError, OSError."""
        from hazardwatch.generating import publish_generated

        stop = _stop_at_signals()
        return await publish_generated(folder, self.target, self.speed, self.seconds, rate, self.truth, stop)


def _stop_at_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def read_keys(file: Path) -> dict[str, str]:
    """Key of each device by its `{enterprise}/{gateway}`. Raises ValueError that names the file, OSError."""
    import yaml

    try:
        keys = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: no YAML: {error}") from None
    if not isinstance(keys, dict) or not all(isinstance(text, str) for pair in keys.items() for text in pair):
        raise ValueError(f"{file}: write a line `ENTERPRISE/GATEWAY: KEY` for each device")
    return keys


def scenarios() -> None:
    """List the delivered scenarios, and the parks of several plants."""
    from simulators.parks import list_parks, load_park
    from simulators.simulate import list_scenarios

    for scenario in list_scenarios():
        line = f"{scenario.name:16}{scenario.duration_s:>6g} s  {scenario.title_zh}  {scenario.title}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    for park in map(load_park, list_parks()):
        line = f"{park.name:16}{len(park.scenarios):>6} plants  {park.title_zh}  {park.title}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _tell_once(address: str) -> "OnProgress":
    """Says the first time that nothing gets through; it is tried again for as long as it takes."""
    told = False

    def tell(report: "PublishReport") -> None:
        nonlocal told
        if report.last_error and not told:
            told = True
            words = f"simulate: {address}: {report.last_error}: trying again; Ctrl-C ends it"
            errors.print(words, style="yellow", highlight=False, markup=False, soft_wrap=True)

    return tell


def _fail(message: str, status: int = 2) -> typer.Exit:
    """Say what is wrong on standard error; raise what this returns."""
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(status)
