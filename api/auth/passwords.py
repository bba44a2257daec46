"""Passwords: what is accepted, and how they are kept.

Length is what makes a password hard to guess; prescribed digits and signs only make it hard to remember
(NIST SP 800-63B, section 5.1.1.2). So there is a least length, and what everybody tries first is refused.
"""

import base64
import secrets
import unicodedata
from itertools import pairwise
from pathlib import Path

import yaml
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from alarm_rules.yaml_lines import SAFE_LOADER
from api.bilingual import both

MIN_LENGTH, MAX_LENGTH = 12, 256
"""Characters. The upper bound keeps a request from being a load."""
FEWEST_DIFFERENT = 5
LONGEST_RUN = 0.7
"""Share of neighbours that follow one another (`4567`, `dcba`) above which it is no password."""
ONE_TIME_GROUPS, ONE_TIME_GROUP = 5, 5
CLEAR_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for one another on paper."""

COMMON: frozenset[str] = frozenset(
    yaml.load(Path(__file__).with_name("common_passwords.yaml").read_text(encoding="utf-8"), SAFE_LOADER)
)


class Passwords:
    """argon2id with the parameters of RFC 9106 for machines with little memory, unless told otherwise.

    Takes about a tenth of a second and 64 MiB: call it in a thread, and only so many at a time.
    """

    def __init__(self, *, rounds: int = 3, memory_kib: int = 65536, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(rounds, memory_kib, lanes, type=Type.ID)
        self._nobodys = _nobodys(rounds, memory_kib, lanes)

    def hash(self, password: str) -> str:
        """What is kept of a password: parameters, salt and hash in the PHC form."""
        return self._hasher.hash(_one_form(password))

    def verify(self, password: str, kept: str | None) -> bool:
        """Is it this password? With `kept` None (no such user) it takes the same time and says no."""
        try:
            self._hasher.verify(kept or self._nobodys, _one_form(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Was it hashed with other parameters than those of now? Then hash it anew at a login."""
        return self._hasher.check_needs_rehash(kept)


def _nobodys(rounds: int, memory_kib: int, lanes: int) -> str:
    """A hash in the PHC form that no password has, at once: checking one against it takes the usual time."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={rounds},p={lanes}${salt}${digest}"


def password_faults(password: str, user: str) -> tuple[str, ...]:
    """Why this is no good password for this user; empty if it may be used."""
    text = _one_form(password).casefold()
    faults = []
    if len(text) < MIN_LENGTH:
        faults.append(
            both(f"密码至少 {MIN_LENGTH} 个字符", f"the password has at least {MIN_LENGTH} characters")
        )
    if len(text) > MAX_LENGTH:
        faults.append(
            both(f"密码至多 {MAX_LENGTH} 个字符", f"the password has at most {MAX_LENGTH} characters")
        )
    if _one_form(user).casefold() in text:
        faults.append(both("密码不得包含用户名", "the password contains the user name"))
    if text in COMMON or _is_pattern(text):
        faults.append(both("此密码太常见", "this password is among the first that everybody tries"))
    return tuple(faults)


def one_time_password() -> str:
    """A password that a person can read out and type: five groups, some 124 random bits."""
    groups = (
        "".join(secrets.choice(CLEAR_SIGNS) for _ in range(ONE_TIME_GROUP)) for _ in range(ONE_TIME_GROUPS)
    )
    return "-".join(groups)


def _is_pattern(text: str) -> bool:
    if len(set(text)) < FEWEST_DIFFERENT:
        return True
    if any(text == text[:size] * (len(text) // size) for size in range(1, len(text) // 2 + 1)):
        return True
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(abs(step) == 1 for step in steps) > LONGEST_RUN * len(steps)


def _one_form(text: str) -> str:
    """The same characters however the keyboard composes them (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", text)
