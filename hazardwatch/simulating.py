"""`hazardwatch generate | simulate | scenarios`: plants that do not exist."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.output import console, errors, set_up_logs

if TYPE_CHECKING:
    from simulators.publisher import OnProgress, PublishReport

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
        str, typer.Argument(help="Name of a delivered scenario, or a YAML file; or give --generated.")
    ] = "",
    host: str = "127.0.0.1",
    port: int = 1883,
    username: Annotated[str, typer.Option(envvar="HAZARDWATCH_DEVICE")] = "",
    key: Annotated[str, typer.Option(envvar="HAZARDWATCH_DEVICE_KEY", help="Key of the device.")] = "",
    ca_file: Annotated[
        Path | None, typer.Option(help="Authority of the endpoint's certificate: use TLS.")
    ] = None,
    seed: int = 0,
    speed: Annotated[float, typer.Option(help="Times real time.")] = 1.0,
    seconds: Annotated[float, typer.Option(help="Seconds of the plant's time; 0: to its end.")] = 0,
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

    from hazardwatch.generating import publish_generated
    from simulators.errors import SimulatorError
    from simulators.simulate import simulate as publish
    from simulators.target import Target

    set_up_logs()
    if not scenario and generated is None:
        raise _fail("simulate: give a scenario (hazardwatch scenarios lists them), or --generated FOLDER")
    if scenario and generated is not None:
        raise _fail("simulate: give a scenario or --generated FOLDER, not both")
    if seconds < 0 or seed < 0:
        raise _fail(f"simulate: --seconds {seconds:g} and --seed {seed} must not be below 0")
    if generated is not None and (outbox is not None or seed):
        raise _fail("simulate: a generated plant has its own seed, and outboxes in memory: leave both out")

    async def main() -> msgspec.Struct:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        target = Target(
            host=host,
            port=port,
            username=username or None,
            password=key or None,
            ca_file=str(ca_file) if ca_file else None,
            outbox=outbox,
        )
        run_s = seconds or None
        if generated is not None:
            return await publish_generated(generated, target, speed, run_s, incident_rate, truth, stop)
        return await publish(
            scenario,
            host=host,
            port=port,
            username=target.username,
            password=target.password,
            ca_file=target.ca_file,
            seed=seed,
            speed=speed,
            seconds=run_s,
            truth_file=truth,
            outbox=outbox,
            stop=stop,
            on_progress=_tell_once(f"{host}:{port}"),
        )

    try:
        report = asyncio.run(main())
    except (SimulatorError, ValueError, OSError) as error:
        raise _fail(f"simulate: {error}", 1) from None
    text = msgspec.json.encode(report).decode()
    if as_json:
        print(text)
    else:
        console.print_json(text)


def scenarios() -> None:
    """List the delivered scenarios."""
    from simulators.simulate import list_scenarios

    for scenario in list_scenarios():
        line = f"{scenario.name:16}{scenario.duration_s:>6g} s  {scenario.title_zh}  {scenario.title}"
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
