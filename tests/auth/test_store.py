"""Persons, logins and keys in the store, on both databases."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest

from api.auth.directory import Directory
from api.auth.grant import Grant
from api.auth.records import ApiKey, Session, User
from api.store.access import access_version_of, all_access, count_access_change
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.sessions import (
    add_key,
    add_session,
    all_keys,
    change_keys,
    change_sessions,
    forget_sessions,
    session_by_id,
    sessions_of_user,
)
from api.store.users import add_user, all_users, change_user, user_by_id

USER = User(
    id="李娜",
    name="李娜",
    roles=frozenset({"operator", "on_call"}),
    grant=Grant(enterprises=("a", "b"), regions=("市/区",)),
    password_hash="$argon2id$",
    totp_secret="locked",
    recovery=("x", "y"),
    created=1_750_000_000_000_000_000,
    created_by="console",
)
SESSION = Session(id="s1", user="李娜", started=5, used=6, ends=100, rotated=5, address="::1", device="程序")
KEY = ApiKey(
    id="k1",
    kind="display",
    name="大屏",
    grant=Grant(everything=True),
    networks=("127.0.0.1", "10.0.0.0/8"),
    digest="d",
    created=1,
    created_by="管理",
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def test_records_come_back_as_they_were(database: Database) -> None:
    with database.write() as connection:
        add_user(connection, USER)
        add_session(connection, SESSION)
        add_key(connection, KEY)
    with database.read() as connection:
        assert user_by_id(connection, "李娜") == USER
        assert user_by_id(connection, "nobody") is None
        assert session_by_id(connection, "s1") == SESSION
        assert session_by_id(connection, "none") is None
        assert all_keys(connection) == [KEY]


def test_person_is_added_once_and_changed_on_what_was_read(database: Database) -> None:
    with database.write() as connection:
        add_user(connection, USER)
        after = change_user(connection, USER, roles=frozenset({"viewer"}), disabled=7, recovery=())
    assert (after.version, after.roles, after.recovery) == (2, {"viewer"}, ())
    with pytest.raises(StoreConflict, match="already"), database.write() as connection:
        add_user(connection, USER)
    with pytest.raises(StoreConflict, match="changed by somebody else"), database.write() as connection:
        change_user(connection, USER, disabled=0)
    with database.read() as connection:
        assert all_users(connection) == [after]


def test_logins_are_changed_and_forgotten(database: Database) -> None:
    other = msgspec.structs.replace(SESSION, id="s2", user="x", ends=500)
    with database.write() as connection:
        for session in (SESSION, other):
            add_session(connection, session)
        change_sessions(connection, ["s1"], revoked=9, revoked_by="x", second_factor=True)
    with database.read() as connection:
        (changed,) = sessions_of_user(connection, "李娜")
    assert changed == msgspec.structs.replace(SESSION, revoked=9, revoked_by="x", second_factor=True)
    with database.write() as connection:
        assert forget_sessions(connection, 101) == 1
    with database.read() as connection:
        assert session_by_id(connection, "s2") == other


def test_two_keys_never_have_the_same_digest(database: Database) -> None:
    with database.write() as connection:
        add_key(connection, KEY)
        change_keys(connection, ["k1"], used=5, used_from="10.0.0.1")
    with pytest.raises(StoreConflict), database.write() as connection:
        add_key(connection, msgspec.structs.replace(KEY, id="k2"))


def test_every_change_is_counted_and_one_that_failed_is_not(database: Database) -> None:
    seen = []
    for _ in range(3):
        with database.write() as connection:
            seen.append(count_access_change(connection))
    with suppress(ZeroDivisionError), database.write() as connection:
        count_access_change(connection)
        raise ZeroDivisionError
    with database.read() as connection:
        assert access_version_of(connection) == 3
    assert seen == [1, 2, 3]


def test_directory_notices_that_another_process_wrote_in_between(database: Database) -> None:
    directory = Directory((), idle_s=60)
    with database.read() as connection:
        directory.load(all_access(connection))
    with database.write() as connection:
        add_user(connection, msgspec.structs.replace(USER, id="foreign", name="foreign"))
        count_access_change(connection)
    with database.write() as connection:
        add_user(connection, USER)
        own = count_access_change(connection)
    directory.committed(own, USER)
    assert set(directory.users) == {"李娜"}
    with database.read() as connection:
        assert access_version_of(connection) != directory.version
        directory.load(all_access(connection))
        assert access_version_of(connection) == directory.version
    assert set(directory.users) == {"李娜", "foreign"}


def test_older_reading_never_replaces_what_was_committed_since(database: Database) -> None:
    directory = Directory((), idle_s=60)
    with database.read() as connection:
        old = all_access(connection)
    directory.load(old)
    with database.write() as connection:
        add_user(connection, USER)
        version = count_access_change(connection)
    directory.committed(version, USER)
    directory.load(old)
    assert set(directory.users) == {"李娜"}
