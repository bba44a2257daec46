"""`hazardwatch limits ...`: a change of limits from the proposal to the site's files, by two persons."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer

from hazardwatch.output import console, errors, sentence

limits = typer.Typer(
    no_args_is_help=True, help="Changes of limits: proposed with back-tests, agreed to by a second person."
)

Url = Annotated[str, typer.Option(help="The alert service.", envvar="HAZARDWATCH_URL")]
KeyOption = Annotated[
    str, typer.Option("--key", help="Key of the person, or access token.", envvar="HAZARDWATCH_KEY")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Comment = Annotated[str, typer.Option(help="Shown beside the decision and in the audit.")]
Id = Annotated[str, typer.Argument(help="Id of the change.")]
SERVICE = "http://127.0.0.1:8470"
SHOWN = 40


def _stop(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


def _print(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What a person can mend is one sentence and status 1, never a stack trace."""
    from alarm_rules.load import SiteInvalid
    from gateway.history.port import HistoryUnavailable

    try:
        yield
    except BrokenPipeError:  # whoever read the output has had enough
        raise
    except (SiteInvalid, HistoryUnavailable, ValueError, OSError) as error:
        raise _stop(f"limits: {sentence(error)}") from None


class _Service:
    """The alert service as one person meets it."""

    def __init__(self, url: str, key: str) -> None:
        if not key:
            raise _stop("limits: who are you? give your key with --key or in HAZARDWATCH_KEY")
        self._url = url
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
            trust_env=False,
            timeout=30,
        )

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer; a refusal ends the command with the service's words."""
        try:
            answer = self._client.request(method, path, json=body)
            content = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _stop(f"limits: the alert service at {self._url} does not answer ({error})") from None
        except ValueError:
            raise _stop(f"limits: what answers at {self._url} is no alert service: give its --url") from None
        if answer.is_error:
            raise _stop(f"limits: refused: {content.get('detail', answer.status_code)}")
        assert isinstance(content, dict)
        return content


@limits.command("propose")
def propose(
    rules: Annotated[Path, typer.Option(help="File of changes, as `suggest` writes it.")],
    history: Annotated[str, typer.Option(help="Range of the back-tests: now-30d..now.")],
    reason: Annotated[str, typer.Option(help="Why; the second person reads it.")],
    site: Annotated[Path | None, typer.Option(help="Site folder. Default: the gateway's setting.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder of the gateway.")] = None,
    utc_offset: Annotated[str, typer.Option(help="Zone of times without an offset.")] = "+00:00",
    url: Url = SERVICE,
    key: KeyOption = "",
    as_json: AsJson = False,
) -> None:
    """Back-test the rules in force and the new ones over the same history, and propose the change."""
    from alarm_rules.changes import digest
    from evaluation.proposing import body_of
    from gateway.settings import GatewaySettings
    from hazardwatch.backtesting import in_force_and_changed, replay_both
    from hazardwatch.limit_files import Owner, enterprise_of, facts_between, shortest

    service = _Service(url, key)
    with _plain_errors():
        settings = GatewaySettings()
        place = site or settings.site
        before, after = in_force_and_changed(place, rules, whole=None)
        facts = facts_between(before, after)
        enterprise = enterprise_of(facts)
        shortest(place, facts, Owner(reason, "-"))
        result = replay_both((before, after), history, data, settings, utc_offset=utc_offset)
        body = body_of(
            result, enterprise, digest(before, enterprise), reason, [fact._asdict() for fact in facts]
        )
    made = service.ask("POST", "/limit-changes", body)
    if as_json:
        print(json.dumps(made, ensure_ascii=False))
        return
    _tell(made)
    _print(f"a second person agrees with:  hazardwatch limits approve {made['id']}")


@limits.command("list")
def list_changes(
    state: Annotated[
        list[str], typer.Option(help="open, applied (agreed to), rejected, ...; may be repeated.")
    ] = [],  # noqa: B006 (typer copies it)
    url: Url = SERVICE,
    key: KeyOption = "",
    as_json: AsJson = False,
) -> None:
    """List changes of limits, the newest first."""
    query = "&".join(f"state={httpx.QueryParams({'s': each})['s']}" for each in state)
    found = _Service(url, key).ask("GET", f"/limit-changes?{query}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for each in found["changes"]:
        _print(
            f"{each['id']}  {each['state']:9}  {each['enterprise']}  {each['per_day_before']:g} → "
            f"{each['per_day_after']:g} alarms a day  {each['proposed_by']}: {each['reason']}"
        )


@limits.command("show")
def show(change: Id, url: Url = SERVICE, key: KeyOption = "", as_json: AsJson = False) -> None:
    """Show a change with its facts and both back-tests."""
    found = _Service(url, key).ask("GET", f"/limit-changes/{change}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)


@limits.command("approve")
def approve(change: Id, comment: Comment = "", url: Url = SERVICE, key: KeyOption = "") -> None:
    """Agree to a change as the second person; it is not in force before `apply` and a restart."""
    _decide("approve", change, comment, url, key)
    _print(f"approved; write it with:  hazardwatch limits apply {change} --site FOLDER")


@limits.command("reject")
def reject(change: Id, comment: Comment = "", url: Url = SERVICE, key: KeyOption = "") -> None:
    """Do not agree to a change."""
    _decide("reject", change, comment, url, key)
    _print("rejected")


@limits.command("withdraw")
def withdraw(change: Id, comment: Comment = "", url: Url = SERVICE, key: KeyOption = "") -> None:
    """Take one's own proposal back."""
    _decide("withdraw", change, comment, url, key)
    _print("withdrawn")


def _decide(word: str, change: str, comment: str, url: str, key: str) -> None:
    service = _Service(url, key)
    service.ask("GET", f"/limit-changes/{change}")  # an id of another kind of proposal is not decided here
    service.ask("POST", f"/approvals/{change}/{word}", {"comment": comment})


@limits.command("apply")
def apply(
    change: Id,
    site: Annotated[Path, typer.Option(help="Site folder of gateway and alert service.")],
    url: Url = SERVICE,
    key: KeyOption = "",
) -> None:
    """Write an approved change into the site's files, if the site still has the rules that were reviewed."""
    from hazardwatch.limit_files import write_change

    service = _Service(url, key)
    found = service.ask("GET", f"/limit-changes/{change}")
    with _plain_errors():
        path, digest = write_change(site, found, datetime.now(UTC))
    _print(f"{path} written; it is in force once gateway and alert service have been restarted")
    service.ask("POST", f"/limit-changes/{change}/applied", {"file": path.name, "digest": digest})


@limits.command("journal")
def journal(
    data: Annotated[
        Path, typer.Option(help="Data folder of the gateway.", envvar="HAZARDWATCH_GATEWAY_DATA_FOLDER")
    ] = Path("data"),
    after: Annotated[int, typer.Option(help="Only behind this number.")] = 0,
    limit: int = 100,
    as_json: AsJson = False,
) -> None:
    """List what starts of the gateway found changed in the rules: old, new, who and why."""
    from gateway.journal_reader import JournalReader
    from hazardwatch.backtesting import moment

    path = data / "journal.sqlite"
    if not path.exists():
        raise _stop(f"{path} does not exist: give the gateway's data folder with --data")
    with _plain_errors():
        try:
            reader = JournalReader(path)
            found = reader.rule_changes_after(after, limit)
            reader.close()
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{path} cannot be read as a journal: {error}") from None
    if as_json:
        print(msgspec.json.encode({"changes": found}).decode())
        return
    if not found:
        _print(f"{path}: no start has found the rules changed")
    for each in found:
        change = each.change
        what = f"{change.field}: {change.old} → {change.new}" if change.field else change.kind
        owner = f"  {change.person}: {change.reason}" if change.person or change.reason else ""
        _print(f"{each.number}  {moment(each.time)}  {change.rule}  {what}{owner}")


def _tell(change: dict[str, Any]) -> None:
    compared = change["comparison"]
    lines = [
        f"{change['id']}  {change['state']}  {change['title']}",
        f"proposed by {change['proposed_by']}: {change['reason']}",
        *(f"  {each['rule']} {_fact(each)}" for each in change["facts"][:SHOWN]),
        f"back-tests over {compared['days_with_data']:g} days with data, {compared['samples']} samples: "
        f"{change['before']['alarms']} → {change['after']['alarms']} alarms without announcements, "
        f"{change['per_day_before']:g} → {change['per_day_after']:g} a day",
        f"gained {compared['gained']} ({compared['gained_apart']} apart), lost {compared['lost']} "
        f"({compared['lost_apart']} apart), shifted {compared['shifted']}, unchanged {compared['unchanged']}",
    ]
    if change["loosens_gas"]:
        lines.append("it loosens a second-level gas alarm: agreeing takes limit.loosen_gas")
    if change["decided_by"]:
        lines.append(f"decided by {change['decided_by']}: {change['comment']}")
    if change["applied_by"]:
        lines.append(f"applied by {change['applied_by']} in {change['applied_file']}")
    for line in lines:
        _print(line)


def _fact(fact: dict[str, Any]) -> str:
    if fact["kind"] == "disabled":
        return "switched off"
    return f"{fact['field']}: {fact['old']} → {fact['new']}"
