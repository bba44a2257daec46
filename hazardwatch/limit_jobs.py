"""`hazardwatch limits test | write`: the work behind a change of limits, for the alert service to start.

It runs apart from the service because it takes minutes and a whole core. One JSON object a line on standard
output: `{"progress": 0.4}` any number of times, then `{"result": {...}}` or `{"refused": "why"}`.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from api.bilingual import both, joined
from hazardwatch.output import sentence

STANDARD_INPUT = "-"
NAMED = 5

From = Annotated[
    str, typer.Argument(help="File with the JSON; `-` takes its first line from standard input.")
]
SiteOption = Annotated[Path | None, typer.Option(help="Site folder. Default: the gateway's setting.")]


def add_to(limits: typer.Typer) -> None:
    """Make the commands known."""
    limits.command("test")(try_change)
    limits.command("write")(write_approved)


def try_change(
    wish: From,
    site: SiteOption = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of the gateway. Default: the gateway's settings.")
    ] = None,
) -> None:
    """Back-test a wished change of limits; tell progress, and what would be proposed. Changes nothing."""
    with _told_as_lines():
        from hazardwatch.limit_testing import Wish, try_on_history

        wished = msgspec.json.decode(_read(wish), type=Wish)
        _say(result=try_on_history(wished, site, data, lambda share: _say(progress=share)))


def write_approved(change: From, site: SiteOption = None) -> None:
    """Write an approved change, given as the alert service shows it, into the site's files."""
    with _told_as_lines():
        from gateway.settings import GatewaySettings
        from hazardwatch.limit_files import write_change

        place = site or GatewaySettings().site
        path, fingerprint = write_change(place, json.loads(_read(change)), datetime.now(UTC))
        _say(result={"file": path.name, "digest": fingerprint})


@contextmanager
def _told_as_lines() -> Iterator[None]:
    """What a person can mend becomes `refused`, and status 1; anything else is a fault and shows itself."""
    from alarm_rules.load import SiteInvalid
    from gateway.history.port import HistoryUnavailable
    from hazardwatch.limit_files import ChangeRefused, finding_text

    try:
        yield
    except SiteInvalid as error:
        _say(refused=joined(map(finding_text, error.findings[:NAMED])))
    except ChangeRefused as error:
        _say(refused=str(error))
    except (HistoryUnavailable, ValueError, OSError) as error:
        _say(refused=both(f"无法进行：“{sentence(error)}”", sentence(error)))
    else:
        return
    raise typer.Exit(1)


def _say(**words: Any) -> None:
    print(json.dumps(words, ensure_ascii=False), flush=True)


def _read(source: str) -> str:
    """The JSON. From standard input its first line: as long as whoever wrote it lives, the input stays open,
    and when it closes this process ends, so that none is left behind."""
    if source != STANDARD_INPUT:
        return Path(source).read_text("utf-8")
    line = sys.stdin.readline()
    threading.Thread(target=_end_with_input, name="leash", daemon=True).start()
    return line


def _end_with_input() -> None:
    while os.read(0, 1):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    os._exit(1)
