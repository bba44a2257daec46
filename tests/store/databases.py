"""The databases that the contract suites run on: SQLite in a file, and a real PostgreSQL of our own."""

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from api.store.database import Database

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def postgresql_programs() -> Path:
    """Folder of initdb and pg_ctl; skips the test where there is none."""
    for folder in FOLDERS:
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    return Path(found).resolve().parent


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A server of our own on a socket in a new folder, without durability; gives its URL without database."""
    programs = postgresql_programs()
    with tempfile.TemporaryDirectory(prefix="hazardwatch-pg-") as name:
        folder = Path(name)
        run = _runner(folder)
        data = folder / "data"
        run([programs / "initdb", "-D", data, "-A", "trust", "-U", "hazardwatch", "-E", "UTF8", "--no-sync"])
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        run([programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"])
        try:
            yield f"postgresql://hazardwatch@/{{name}}?host={folder}"
        finally:
            run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _runner(folder: Path):
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    user = {}
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("root may not run PostgreSQL: apt-get install postgresql")
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(command: list[object]) -> None:
        with (folder.parent / f"{folder.name}.out").open("wb") as output:
            done = subprocess.run(
                [str(part) for part in command],
                check=False,
                stdout=output,
                stderr=output,
                timeout=60,
                cwd="/",
                **user,
            )
        said = Path(output.name).read_text(errors="replace")
        Path(output.name).unlink()
        assert done.returncode == 0, said

    return run


@cache
def _template() -> Path:
    """A SQLite file with every table: migrating takes some tenths of a second, copying nothing."""
    folder = tempfile.TemporaryDirectory(prefix="hazardwatch-template-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "alarms.sqlite"
    Database.open(f"sqlite:///{file}").close()
    return file


def copy_sqlite(file: Path) -> None:
    """Put a database with all tables and no rows there, unless there is one already."""
    if not file.exists():
        shutil.copyfile(_template(), file)


@cache
def _template_on(server: str) -> str:
    url = new_database(server)
    Database.open(url).close()
    return str(make_url(url).database)


def copy_postgresql(server: str) -> str:
    """URL of a new database with all tables and no rows on this server."""
    return new_database(server, f" TEMPLATE {_template_on(server)}")


def new_database(server: str, like: str = "") -> str:
    """URL of a new, empty database on this server."""
    name = f"t{secrets.token_hex(6)}"
    engine = create_engine(
        server.format(name="postgres").replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{like}"))
    engine.dispose()
    return server.format(name=name)
