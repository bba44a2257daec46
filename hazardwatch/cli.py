"""`hazardwatch ...`: every command, each a few lines over the part that does the work."""

import asyncio
import difflib
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from alarm_rules.collector import collector_paused
from hazardwatch import accounts, administration, auditing, limit_jobs, limits, simulating, tuning
from hazardwatch.output import KernelProgress, console, errors, sentence, set_up_logs

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Monitoring gateway for major hazard installations.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(administration.quarantine, name="quarantine")
app.add_typer(administration.device, name="device")
app.add_typer(administration.operator, name="operator")
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.key, name="key")
app.add_typer(auditing.audit, name="audit")
limit_jobs.add_to(limits.limits)
app.add_typer(limits.limits, name="limits")

Model = TypeVar("Model", bound=BaseSettings)
JsonOutput = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
MOST_HISTORY_H = 72.0
"""Of a demonstration: three days of a sample a second take half a minute to make."""
JsonLogs = Annotated[bool, typer.Option("--json-logs", help="Write logs as JSON.")]


def fail(message: str, status: int = 2) -> typer.Exit:
    """Say what is wrong on standard error; raise what this returns."""
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(status)


def _run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    import uvloop

    return uvloop.run(main())


def unknown_variables(names: Iterable[str], prefix: str, known: Iterable[str]) -> list[str]:
    """A line for each variable with the prefix that is no setting: a misspelt one would change nothing."""
    settings = {prefix + name.upper() for name in known}
    lines = []
    for name in sorted(names):
        if name.upper().startswith(prefix) and name.upper() not in settings:
            close = difflib.get_close_matches(name.upper(), sorted(settings), n=1, cutoff=0.8)
            remedy = f"did you mean {close[0]}?" if close else "unset it; docs/settings.md lists all"
            lines.append(f"{name}: there is no such setting: {remedy}")
    return lines


def unusable_values(error: ValidationError, prefix: str) -> list[str]:
    """A line for each value that cannot be used, without those that only follow from another one."""
    lines = []
    for item in error.errors():
        if item["type"] == "default_factory_not_called":
            continue
        name = prefix + "_".join(str(part) for part in item["loc"]).upper()
        lines.append(f"{name.rstrip('_')}: {item['msg']}")
    return lines


def _settings(model: type[Model]) -> Model:
    """The settings in the environment; whatever is wrong with them is told at once."""
    prefix = model.model_config["env_prefix"]
    problems = unknown_variables(os.environ, prefix, model.model_fields)
    settings = None
    try:
        settings = model()
    except ValidationError as error:
        problems += unusable_values(error, prefix)
    if settings is None or problems:
        raise fail("\n  ".join([f"{len(problems)} setting(s) cannot be used:", *problems]))
    return settings


@app.command()
def gateway(json_logs: JsonLogs = False) -> None:
    """Run the gateway; settings come from HAZARDWATCH_GATEWAY_..."""
    with collector_paused():
        from alarm_rules.load import SiteInvalid
        from gateway.journal_format import JournalDamaged
        from gateway.process import GatewayStopped, run
        from gateway.settings import GatewaySettings
        from gateway.warm_up import warm_up

    set_up_logs(as_json=json_logs)
    settings = _settings(GatewaySettings)
    # Until the gateway minds its signals itself: end at once, but take away what the warm-up made.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    warm_up(KernelProgress())
    try:
        _run(lambda: run(settings))
    except (SiteInvalid, GatewayStopped, JournalDamaged, RuntimeError, ValueError, OSError) as error:
        raise fail(f"gateway: {error}", 1) from None


@app.command()
def api() -> None:
    """Run the alert service; settings come from HAZARDWATCH_API_..."""
    with collector_paused():
        from alarm_rules.load import SiteInvalid
        from api.server import run
        from api.settings import ApiSettings
        from gateway.serving import ensure_token

    set_up_logs()
    settings = _settings(ApiSettings)
    ensure_token(settings.intake_token_file)
    try:
        run(settings)
    except (SiteInvalid, RuntimeError, ValueError, OSError) as error:
        raise fail(f"alert service: {error}", 1) from None


@app.command()
def demo(
    site: Annotated[
        str, typer.Argument(help="What is shown: tank-farm, or park with six enterprises and their bureau.")
    ] = "tank-farm",
    headless: Annotated[bool, typer.Option(help="No page: run, judge the outcome, exit.")] = False,
    seconds: Annotated[float, typer.Option(help="How long to run; 0: until Ctrl-C.")] = 0,
    scenario: Annotated[
        str, typer.Option(help="Scenario of the simulated plant. Default: demo, and park in the park.")
    ] = "",
    history: Annotated[
        float | None,
        typer.Option(
            help="Hours of samples from before the start, in a new data folder. Default: 6, headless 0."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Data folder. Default: data/demo, of the park data/park, headless: a new one."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Headless: print one JSON object as the last line. Its `unacknowledged` counts samples that "
            "the gateway never acknowledged, `alarms_unacknowledged` alarms that no person has.",
        ),
    ] = False,
) -> None:
    """Gateway, alert service and simulated plants, with nothing else installed."""
    from api.auth.keys import OperatorsRefused
    from gateway.mqtt.devices import DevicesInvalid
    from hazardwatch.demo import show
    from hazardwatch.demo_sites import SITES
    from hazardwatch.headless import run_headless
    from hazardwatch.processes import ProcessEnded
    from simulators.errors import SimulatorError

    set_up_logs()
    if site not in SITES:
        raise fail(f"demo: there is no {site!r} to be shown; there are {', '.join(SITES)}")
    if headless and (SITES[site].is_park or history):
        raise fail("demo: headless judges one plant from its beginning: leave the park and --history out")
    if history is not None and not 0 <= history <= MOST_HISTORY_H:
        raise fail(f"demo: --history {history:g} must be 0 to {MOST_HISTORY_H:g} hours")
    try:
        if not headless:
            show(SITES[site], scenario, data, history, seconds)
            return
        outcome = asyncio.run(run_headless(scenario or "demo", seconds or 60.0, data))
    except (ProcessEnded, SimulatorError, DevicesInvalid, OperatorsRefused, OSError) as error:
        raise fail(f"demo: {error}", 1) from None
    except asyncio.CancelledError:
        raise fail("demo: interrupted", 130) from None
    if as_json:
        print(outcome.as_json())
    else:
        console.print(outcome.as_text(), highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(0 if outcome.good else 1)


@app.command()
def start(
    data: Annotated[
        Path, typer.Option(help="Folder of everything: store, journal, history, and the site in it.")
    ] = Path("data"),
) -> None:
    """Gateway and alert service on this machine, kept running; a new folder is set up on their page.

    Settings come from HAZARDWATCH_GATEWAY_... and HAZARDWATCH_API_....
    A usual port that another program has gives way to a free one, which later starts use again.
    """
    from hazardwatch.ports import PortUnusable
    from hazardwatch.processes import ProcessEnded
    from hazardwatch.starting import run_site

    set_up_logs()
    try:
        asyncio.run(run_site(data))
    except (PortUnusable, ProcessEnded, OSError) as error:
        raise fail(f"start: {error}", 1) from None


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="Folder or file of the register and the rules.")],
    as_json: JsonOutput = False,
) -> None:
    """Load and cross-check a site; print every finding as file:line: what is wrong: what would be right."""
    from hazardwatch.checking import check_and_print

    raise typer.Exit(check_and_print(path, as_json=as_json))


for command in (
    simulating.generate,
    simulating.simulate,
    simulating.scenarios,
    tuning.suggest,
    tuning.backtest,
):
    app.command()(command)


@app.command()
def replay(
    recording: Annotated[
        Path,
        typer.Argument(
            help="CSV: a time column, then one column a tag. Times without an offset are UTC, "
            "unless --utc-offset says otherwise."
        ),
    ],
    register: Annotated[Path, typer.Option("--register", help="Site folder, or register file.")],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Rules file, if the register does not hold the rules.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="CSV of what really happened: start and end columns.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Keep journal and history there; go on if it was begun.")
    ] = None,
    speed: Annotated[float, typer.Option(help="Times real time; 0: as fast as it goes.")] = 0,
    utc_offset: Annotated[
        str, typer.Option(help="Zone of times without an offset, in recording and truth, as +08:00.")
    ] = "+00:00",
    as_json: JsonOutput = False,
) -> None:
    """Send a recording through the whole pipeline; print each condition change, then a summary."""
    from alarm_rules.load import SiteInvalid
    from gateway.journal_format import JournalDamaged, JournalFailed
    from hazardwatch.replaying import replay_recording

    set_up_logs(level=logging.WARNING)
    try:
        replay_recording(
            recording, register, rules, truth, data, speed, utc_offset=utc_offset, as_json=as_json
        )
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (SiteInvalid, JournalDamaged, JournalFailed, RuntimeError, ValueError, OSError) as error:
        raise fail(f"replay: {sentence(error)}", 1) from None


@app.command()
def evaluate(
    scenarios: Annotated[
        str, typer.Option(help="Simulated truth: `all`, or names of scenarios with commas between.")
    ] = "",
    seeds: Annotated[int, typer.Option(help="How many runs of each scenario.")] = 20,
    observations: Annotated[
        Path | None, typer.Option(help="A labelled recording instead: CSV as for `replay`.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="CSV of what really happened: start and end columns.")
    ] = None,
    register: Annotated[
        Path | None, typer.Option(help="Site folder, or register file. Default: the example that fits.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file, instead of those beside the register.")
    ] = None,
    longest_h: Annotated[
        float, typer.Option(help="Longest run in hours of the plant's time; a quiet month is cut to it.")
    ] = 24.0,
    jobs: Annotated[int, typer.Option(help="Processes; 0: as many as there are processors.")] = 0,
    peers: Annotated[
        bool, typer.Option(help="Compare with detectors of river and PyOD, which  make peers  installs.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(help="Write tables and plots there: a Markdown file or a folder.")
    ] = None,
    thresholds: Annotated[
        str, typer.Option(help="Plain thresholds to compare with, in the recording's own unit.")
    ] = "3,5",
    utc_offset: Annotated[
        str, typer.Option(help="Zone of times without an offset, in observations and truth, as +08:00.")
    ] = "+00:00",
    strict: Annotated[bool, typer.Option(help="Exit with 1 when a target is not met.")] = False,
    as_json: JsonOutput = False,
) -> None:
    """Measure the detectors against labelled truth: what they see, how soon, and their false alarms."""
    from alarm_rules.load import SiteInvalid
    from evaluation.page import write_page
    from hazardwatch.evaluating import (
        evaluate_observed,
        evaluate_simulated,
        print_report,
        read_thresholds,
    )
    from simulators.errors import SimulatorError

    set_up_logs(level=logging.WARNING)
    if bool(scenarios) == (observations is not None) or (observations is None) != (truth is None):
        raise fail("evaluate: give --scenarios, or --observations and --truth together")
    try:
        if observations is not None and truth is not None:
            report = evaluate_observed(
                observations,
                truth,
                register=register,
                rules=rules,
                utc_offset=utc_offset,
                thresholds=read_thresholds(thresholds),
                peers=peers,
            )
        else:
            jobs = jobs or os.cpu_count() or 1
            report = evaluate_simulated(
                scenarios,
                seeds,
                register=register,
                rules=rules,
                longest_h=longest_h,
                jobs=jobs,
                peers=peers,
            )
        if page is not None:
            write_page(report, page)
    except (SiteInvalid, SimulatorError, RuntimeError, ValueError, OSError) as error:
        raise fail(f"evaluate: {sentence(error)}", 1) from None
    print_report(report, as_json=as_json)
    if strict and any(target.met is False for target in report.targets):
        raise typer.Exit(1)


@app.command()
def quiet(
    sites: Annotated[int, typer.Option(help="Sites of 40 points, each with its own weather.")] = 4,
    days: Annotated[float, typer.Option(help="Days of each.")] = 30.0,
    period: Annotated[float, typer.Option(help="Seconds between two samples of a point.")] = 10.0,
    seed: int = 0,
    kinds: Annotated[str, typer.Option(help="Only these kinds, with commas between. Default: all.")] = "",
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Of a checkout: the page and the kinds' docstrings say these figures from now on. With "
            "--kinds the others stay, and the size must be the same.",
        ),
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Measure what every kind and every pack rule cries on simulated months without a danger."""
    from alarm_rules.load import SiteInvalid
    from hazardwatch.quieting import measure_and_print

    set_up_logs(level=logging.WARNING)
    try:
        measure_and_print(
            sites=sites,
            days=days,
            period_s=period,
            seed=seed,
            kinds=[name.strip() for name in kinds.split(",") if name.strip()],
            as_json_line=as_json,
            kept=keep,
        )
    except (SiteInvalid, LookupError, ValueError, OSError) as error:
        raise fail(f"quiet: {sentence(error)}", 1) from None


@app.command()
def bench(
    as_json: JsonOutput = False,
    seconds: Annotated[float, typer.Option(help="Length of each measurement.")] = 5.0,
    points: Annotated[int, typer.Option(help="Points in the register; whole messages of 50.")] = 10_000,
    folder: Annotated[Path, typer.Option(help="On the disk to measure; nothing stays there.")] = Path(),
) -> None:
    """Measure the real endpoint over TCP, as ratios to the same endpoint with nothing behind it."""
    from benchmarks.stand import BenchFailed
    from benchmarks.way_of_a_sample import main

    set_up_logs(level=logging.WARNING)
    try:
        main(seconds=seconds, points=points, folder=folder, as_json=as_json)
    except (BenchFailed, OSError) as error:
        raise fail(f"bench: {error}", 1) from None


def main() -> None:
    """Entry point of the `hazardwatch` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
