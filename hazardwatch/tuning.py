"""`hazardwatch suggest | backtest`: what stored history says of the rules, and of rules that might be."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.output import errors, sentence, set_up_logs

if TYPE_CHECKING:
    from gateway.settings import GatewaySettings

JsonOutput = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


def _fail(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


def _gateway_settings() -> "GatewaySettings":
    from gateway.settings import GatewaySettings
    from hazardwatch.cli import _settings

    return _settings(GatewaySettings)


def suggest(
    history: Annotated[
        str, typer.Option("--history", help="2026-10-01..2026-11-01 or now-30d..now; times are UTC.")
    ],
    site: Annotated[Path | None, typer.Option(help="Site folder. Default: the gateway's setting.")] = None,
    point: Annotated[list[str], typer.Option(help="Only rules of this point; may be repeated.")] = [],  # noqa: B006 (typer copies it)
    rule: Annotated[list[str], typer.Option(help="Only this rule; may be repeated.")] = [],  # noqa: B006
    remove: Annotated[float, typer.Option(min=1, max=100, help="Percent of the repeats to remove.")] = 80.0,
    true_s: Annotated[
        float, typer.Option(min=0, help="An alarm of so many seconds is never lost, hidden or delayed.")
    ] = 60.0,
    repeat_s: Annotated[
        float, typer.Option(min=1, help="An alarm that begins so soon after the last one's end is a repeat.")
    ] = 600.0,
    may_delay_s: Annotated[
        float, typer.Option(min=0, help="By so much an on-delay may delay; 0: none is proposed.")
    ] = 15.0,
    least_days: Annotated[
        float, typer.Option(min=0, help="With fewer days of data nothing is proposed.")
    ] = 7.0,
    write: Annotated[
        Path | None,
        typer.Option(help="Write the recommended changes there, for backtest and limits propose."),
    ] = None,
    with_advice: Annotated[
        bool, typer.Option("--with-advice", help="Write advised limits too, of rules with nothing else.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of the gateway. Default: the gateway's settings.")
    ] = None,
    utc_offset: Annotated[str, typer.Option(help="Zone of times without an offset, as +08:00.")] = "+00:00",
    as_json: JsonOutput = False,
) -> None:
    """Propose deadbands, delays and limits from history, each with its back-test."""
    from alarm_rules.load import SiteInvalid
    from evaluation.nuisance import Wishes
    from gateway.history.port import HistoryUnavailable
    from hazardwatch.suggesting import run_suggest

    set_up_logs(level=logging.WARNING)
    settings = _gateway_settings()
    wishes = Wishes(
        remove_share=remove / 100,
        true_s=true_s,
        repeat_s=repeat_s,
        may_delay_s=may_delay_s,
        least_days=least_days,
    )
    try:
        run_suggest(
            site or settings.site,
            history,
            data,
            settings,
            wishes,
            points=point,
            rules=rule,
            write=write,
            with_advice=with_advice,
            utc_offset=utc_offset,
            as_json=as_json,
        )
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (SiteInvalid, HistoryUnavailable, ValueError, OSError) as error:
        raise _fail(f"suggest: {sentence(error)}") from None


def backtest(
    rules: Annotated[
        Path,
        typer.Option(
            "--rules",
            help="File of changes, laid over the rules in force; or all rules that there would be: a file "
            "that chooses `packs`, or a folder.",
        ),
    ],
    history: Annotated[
        str, typer.Option("--history", help="2026-10-01..2026-11-01 or now-30d..now; times are UTC.")
    ],
    site: Annotated[
        Path | None,
        typer.Option(
            "--site", "--register", help="Site folder, or register file. Default: the gateway's setting."
        ),
    ] = None,
    in_force: Annotated[
        Path | None, typer.Option(help="Rules in force, where they do not stand beside the register.")
    ] = None,
    whole: Annotated[
        bool | None,
        typer.Option("--whole/--changes", help="What --rules is. Default: see there."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of the gateway. Default: the gateway's settings.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="What really happened: CSV with start and end columns, or truth of a simulated run."
        ),
    ] = None,
    utc_offset: Annotated[
        str, typer.Option(help="Zone of times without an offset, in range and truth, as +08:00.")
    ] = "+00:00",
    as_json: JsonOutput = False,
) -> None:
    """Replay stored history through changed rules; show which alarms come, go and move."""
    from alarm_rules.load import SiteInvalid
    from gateway.history.port import HistoryUnavailable
    from hazardwatch.backtesting import in_force_and_changed, run_backtest

    set_up_logs(level=logging.WARNING)
    settings = _gateway_settings()
    try:
        sites = in_force_and_changed(site or settings.site, rules, whole=whole, in_force=in_force)
        run_backtest(sites, history, data, settings, truth, utc_offset=utc_offset, as_json=as_json)
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (SiteInvalid, HistoryUnavailable, ValueError, OSError) as error:
        raise _fail(f"backtest: {sentence(error)}") from None
