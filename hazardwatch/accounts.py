"""`hazardwatch user ...` and `hazardwatch key ...`: persons who log in, and keys of machines.

They write into the store beside a running service, which takes the change up within a second. Whoever can
write the data folder is in charge of it: so the first administrator is made here.
"""

import asyncio
import getpass
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from hazardwatch.administration import DATA, ApiData
from hazardwatch.output import console, errors, sentence

if TYPE_CHECKING:
    from alarm_rules.model import Enterprise
    from api.auth.grant import Grant
    from api.auth.people import People
    from api.auth.principal import Principal
    from api.auth.records import User
    from api.store.database import Database
    from api.store.writer import Transaction

user = typer.Typer(no_args_is_help=True, help="Persons who log in to the alert service.")
key = typer.Typer(no_args_is_help=True, help="Keys of gateways and wall displays.")

T = TypeVar("T")
DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database",
        help="sqlite:////path/file or postgresql://user@host/name. Default: that of the data folder.",
        envvar="HAZARDWATCH_API_DATABASE_URL",
    ),
]
Site = Annotated[Path, typer.Option(help="Register and rules.", envvar="HAZARDWATCH_API_SITE")]
Enterprises = Annotated[list[str], typer.Option("--enterprise", help="Enterprise id; may be repeated.")]
Regions = Annotated[
    list[str], typer.Option("--region", help="city or city/district of the register; may be repeated.")
]
Everything = Annotated[bool, typer.Option("--everything", help="All enterprises, those to come too.")]
Roles = Annotated[list[str], typer.Option("--role", help="A role, see docs/permissions.md; may be repeated.")]
SITE = Path("site")
NOBODY: list[str] = []


@user.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="As it shall stand beside acknowledgements.")],
    role: Roles,
    enterprise: Enterprises = NOBODY,
    region: Regions = NOBODY,
    everything: Everything = False,
    data: ApiData = DATA,
    database: DatabaseUrl = "",
    site: Site = SITE,
) -> None:
    """Let a person log in; prints a one-time password, to be changed at the first login."""
    from api.auth.passwords import Passwords, one_time_password

    grant = _grant(enterprise, region, everything=everything)
    password = one_time_password()
    with _plain_errors():
        kept = Passwords().hash(password)
        people, by = _people(grant, site), _console()
        _write(data, database, lambda tx: people.add(tx, by, name, frozenset(role), grant, kept))
    if not (enterprise or region or everything):
        _tell(
            f"{name} sees no enterprise yet: user rights {name} with --enterprise, --region or --everything"
        )
    _tell(f"user {name}: {', '.join(role)}; the one-time password is shown only now:")
    print(password)


@user.command("rights")
def change_rights(
    name: str,
    role: Annotated[
        list[str], typer.Option("--role", help="All roles from now on; absent: as before.")
    ] = NOBODY,
    enterprise: Enterprises = NOBODY,
    region: Regions = NOBODY,
    everything: Everything = False,
    data: ApiData = DATA,
    database: DatabaseUrl = "",
    site: Site = SITE,
) -> None:
    """Give a person other roles, another scope, or both; counts at once."""
    grant = _grant(enterprise, region, everything=everything)
    roles = frozenset(role) if role else None
    scope = grant if enterprise or region or everything else None
    with _plain_errors():
        people, by = _people(grant, site), _console()
        changed = _write(data, database, lambda tx: people.change_rights(tx, by, name, roles, scope))
    console.print(_line(changed.user), highlight=False, markup=False, soft_wrap=True)


@user.command("reset")
def reset_user(name: str, data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """A new one-time password and no second factor, for a person who lost them; the logins end."""
    from api.auth.passwords import Passwords, one_time_password

    password = one_time_password()
    with _plain_errors():
        kept = Passwords().hash(password)
        people, by = _people(None, SITE), _console()
        _write(data, database, lambda tx: people.reset(tx, by, name, kept))
    _tell(f"user {name}; the one-time password is shown only now:")
    print(password)


@user.command("disable")
def disable_user(name: str, data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """Let nobody in with this account any more; its logins and keys end at once."""
    _switch(name, data, database, disabled=True)


@user.command("enable")
def enable_user(name: str, data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """Let the person in again."""
    _switch(name, data, database, disabled=False)


@user.command("list")
def list_users(data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """List the persons, their roles and what they may see."""
    from api.store.users import all_users

    with _plain_errors(), _store(data, database) as store, store.read() as connection:
        users = all_users(connection)
    for known in sorted(users, key=lambda one: one.id):
        console.print(_line(known), highlight=False, markup=False, soft_wrap=True)


@key.command("add")
def add_key(
    kind: Annotated[str, typer.Argument(help="gateway or display.")],
    name: Annotated[str, typer.Argument(help="Gateway: its name in its settings. Display: which one.")],
    enterprise: Enterprises = NOBODY,
    region: Regions = NOBODY,
    everything: Everything = False,
    network: Annotated[
        list[str],
        typer.Option("--from", help="Display: address or network it may come from. Default: this machine."),
    ] = NOBODY,
    days: Annotated[float, typer.Option(help="Ends after so many days; 0: never.")] = 0,
    data: ApiData = DATA,
    database: DatabaseUrl = "",
    site: Site = SITE,
) -> None:
    """Make a key for a gateway or a wall display; prints it, which is shown only now."""
    from prometheus_client import CollectorRegistry

    from api.auth.caller import LOOPBACK_NETWORKS
    from api.auth.directory import Directory
    from api.auth.machine_keys import KeyWish, MachineKeys
    from api.auth.metrics import AuthMetrics

    if kind not in ("gateway", "display"):
        raise _stop(f"{kind!r}: a key is for a gateway or a display")
    grant = _grant(enterprise, region, everything=everything)
    with _plain_errors():
        register = _register(grant, site)
        keys = MachineKeys(Directory(register, idle_s=0), register, AuthMetrics(CollectorRegistry()))
        wish = KeyWish(kind, name, grant, tuple(network) or LOOPBACK_NETWORKS, days or None)  # type: ignore[arg-type]
        made, text = _write(data, database, lambda tx: keys.add(tx, _console(), wish))
    _tell(f"{kind} {name}, key {made.id}; it is shown only now:")
    print(text)


@key.command("list")
def list_keys(data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """List the keys that count."""
    from api.auth.grant import grant_text
    from api.store.sessions import all_keys

    with _plain_errors(), _store(data, database) as store, store.read() as connection:
        keys = all_keys(connection)
    for known in sorted(keys, key=lambda one: (one.kind, one.name, one.id)):
        if not known.revoked:
            where = f"  from {', '.join(known.networks)}" if known.networks else ""
            sees = f"of {known.owner}" if known.owner else grant_text(known.grant)
            line = f"{known.id}  {known.kind}  {known.name}  {sees}{where}"
            console.print(line, highlight=False, markup=False, soft_wrap=True)


@key.command("revoke")
def revoke_key(number: str, data: ApiData = DATA, database: DatabaseUrl = "") -> None:
    """Withdraw a key by its id (see  hazardwatch key list); counts at once."""
    from prometheus_client import CollectorRegistry

    from api.auth.directory import Directory
    from api.auth.machine_keys import MachineKeys
    from api.auth.metrics import AuthMetrics

    keys = MachineKeys(Directory((), idle_s=0), (), AuthMetrics(CollectorRegistry()))
    with _plain_errors():
        _write(data, database, lambda tx: keys.revoke(tx, _console(), number))


def _switch(name: str, data: Path, database: str, *, disabled: bool) -> None:
    with _plain_errors():
        people, by = _people(None, SITE), _console()
        _write(data, database, lambda tx: people.switch(tx, by, name, disabled=disabled))


def _write(data: Path, database: str, job: "Callable[[Transaction], T]") -> T:
    from api.store.writer import Writer

    async def run(store: "Database") -> T:
        writer = Writer(store, time.time_ns)
        try:
            return await writer.run(job)
        finally:
            writer.close()

    with _store(data, database) as store:
        return asyncio.run(run(store))


@contextmanager
def _store(data: Path, database: str) -> "Iterator[Database]":
    from api.store.database import Database

    store = Database.open(database or f"sqlite:///{data.absolute() / 'alarms.sqlite'}", sole=False)
    try:
        yield store
    finally:
        store.close()


def _people(grant: "Grant | None", site: Path) -> "People":
    from api.auth.people import People

    return People(_register(grant, site))


def _register(grant: "Grant | None", site: Path) -> "Sequence[Enterprise]":
    """The register, when names in a grant have to be looked up."""
    if grant is None or not (grant.enterprises or grant.regions):
        return ()
    from alarm_rules.load import load_site

    return load_site(site).enterprises


def _grant(enterprises: list[str], regions: list[str], *, everything: bool) -> "Grant":
    from api.auth.grant import Grant

    return Grant(enterprises=tuple(enterprises), regions=tuple(regions), everything=everything)


def _console() -> "Principal":
    from api.auth.people import console as at_the_machine

    return at_the_machine(getpass.getuser())


def _line(person: "User") -> str:
    from api.auth.grant import grant_text

    state = "  disabled" if person.disabled else "" if person.password_changed else "  one-time password"
    return f"{person.name}  {' '.join(sorted(person.roles))}  {grant_text(person.grant)}{state}"


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What a person can mend is one sentence and status 1, never a stack trace."""
    from alarm_rules.load import SiteInvalid
    from api.auth.errors import AccessRefused
    from api.store.errors import StoreConflict, StoreInUse, StoreUnavailable

    try:
        yield
    except BrokenPipeError:
        raise
    except (
        AccessRefused,
        SiteInvalid,
        StoreConflict,
        StoreInUse,
        StoreUnavailable,
        ValueError,
        OSError,
    ) as error:
        raise _stop(sentence(error)) from None


def _tell(text: str) -> None:
    errors.print(text, highlight=False, markup=False, soft_wrap=True)


def _stop(message: str) -> typer.Exit:
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)
