"""Persons and keys put into the store before the service starts, and tokens of their logins."""

import secrets
import time
from pathlib import Path
from typing import Any

import httpx

from api.auth.access import key_digest, new_key
from api.auth.grant import Grant
from api.auth.passwords import Passwords
from api.auth.records import ApiKey, KeyKind, Session, User, user_id
from api.auth.signing_keys import KeyRing, open_ring
from api.auth.tokens import access_token
from api.starting import STORE_FILE
from api.store.access import count_access_change
from api.store.database import Database
from api.store.sessions import add_key, add_session
from api.store.users import add_user
from tests.api.serving import Api

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
PASSWORD = "purple otter drums"
CHEAP_HASH = Passwords(rounds=1, memory_kib=64, lanes=1).hash(PASSWORD)
ALL = Grant(everything=True)


def of(*enterprises: str) -> Grant:
    return Grant(enterprises=enterprises)


class Accounts:
    """Fills the store of a data folder. Close it (leave the block) before the service starts."""

    def __init__(self, folder: Path, now: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.now = time.time_ns() if now is None else now
        self.ring: KeyRing = open_ring(folder / "signing-keys.json", self.now)
        self._database = Database.open(f"sqlite:///{folder.absolute() / STORE_FILE}", sole=False)

    def __enter__(self) -> "Accounts":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def user(self, name: str, *roles: str, grant: Grant = ALL, **more: Any) -> User:
        fields = {
            "password_hash": CHEAP_HASH,
            "password_changed": 1,
            "created": self.now,
            "created_by": "test",
        }
        user = User(id=user_id(name), name=name, roles=frozenset(roles), grant=grant, **(fields | more))
        with self._database.write() as connection:
            add_user(connection, user)
            count_access_change(connection)
        return user

    def login(self, user: User, **more: Any) -> str:
        """A living login of this person; returns its access token."""
        fields: dict[str, Any] = {
            "started": self.now,
            "used": self.now,
            "ends": self.now + 12 * HOUR,
            "rotated": self.now,
            "address": "127.0.0.1",
            "device": "test",
        }
        session = Session(id=secrets.token_hex(8), user=user.id, **(fields | more))
        with self._database.write() as connection:
            add_session(connection, session)
            count_access_change(connection)
        return access_token(self.ring, session.id, user.id, 15, self.now)

    def key(self, kind: KeyKind, name: str, grant: Grant = ALL, **more: Any) -> str:
        """A key of this kind; returns its text."""
        text = new_key(kind)
        record = ApiKey(
            id=secrets.token_hex(6),
            kind=kind,
            name=name,
            grant=grant,
            digest=key_digest(text),
            created=self.now,
            created_by="test",
            **more,
        )
        with self._database.write() as connection:
            add_key(connection, record)
            count_access_change(connection)
        return text


def client(api: Api, token: str) -> httpx.Client:
    """Speaks with this key or token."""
    return httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def log_in(api: Api, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """As a program does."""
    form = {"username": name, "password": password} | more
    return api.nobody.post("/session/token", data=form)
