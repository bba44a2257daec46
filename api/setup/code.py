"""The one-time set-up code: whoever can read the service's data folder or its log may set it up.

It stands in `setup.code` in the data folder, for its owner alone. As long as the file is there, the set-up
is open; `forget` ends it for good.
"""

import os
import secrets
from pathlib import Path

from api.auth.keys import same_secret
from api.auth.passwords import CLEAR_SIGNS
from api.auth.throttle import Patience, Throttle
from api.bilingual import both
from api.setup.errors import CodeRequired, CodeThrottled, SetUpOver
from api.store.writer import Clock

CODE_FILE = "setup.code"
GROUPS, GROUP = 4, 5
"""Some 99 random bits: not to be guessed, and a person can type it."""
LONGEST = 200
FREE, FREE_ADDRESS = 5, 10
LONGEST_DELAY_S = 60.0
ACCOUNT = "setup"
WRONG = both(
    "安装码不正确：安装码在服务日志和 {file} 中。",
    "Wrong set-up code: it is in the service's log, and in {file}.",
)
NEEDED = both(
    "需要安装码：安装码在服务日志和 {file} 中。",
    "The set-up code is needed: it is in the service's log, and in {file}.",
)
OVER = both("本服务已完成安装，请登录。", "This service is set up: log in.")


class SetupCode:
    """The code of one data folder."""

    def __init__(self, data_folder: Path, clock: Clock) -> None:
        self.file = data_folder / CODE_FILE
        self._clock = clock
        self._throttle = Throttle(
            Patience(free=FREE, longest_s=LONGEST_DELAY_S),
            Patience(free=FREE_ADDRESS, longest_s=LONGEST_DELAY_S),
        )

    @property
    def is_open(self) -> bool:
        """Is there something left to set up?"""
        return self.file.exists()

    def ensure(self) -> str:
        """The code; made now if there is none. OSError if the folder cannot be written."""
        if (known := self._read()) is not None:
            return known
        code = "-".join("".join(secrets.choice(CLEAR_SIGNS) for _ in range(GROUP)) for _ in range(GROUPS))
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(f"{code}\n")
            file.flush()
            os.fsync(file.fileno())
        return code

    def check_open(self) -> None:
        """Raises SetUpOver when there is nothing left to set up."""
        if not self.is_open:
            raise SetUpOver(OVER)

    def check(self, given: str, address: str) -> None:
        """Raises SetUpOver, CodeRequired or CodeThrottled unless this is the code."""
        expected = self._read()
        if expected is None:
            raise SetUpOver(OVER)
        if not given:
            raise CodeRequired(NEEDED.format(file=self.file.name))
        wait_s = self._throttle.attempt(ACCOUNT, address, familiar=False, now=self._clock())
        if wait_s:
            raise CodeThrottled(
                both(
                    f"安装码错误次数过多，请在 {wait_s:.0f} 秒后重试。",
                    f"Too many wrong codes: try again in {wait_s:.0f} s.",
                ),
                retry_after_s=wait_s,
            )
        if not same_secret(given[:LONGEST].strip().lower(), expected):
            raise CodeRequired(WRONG.format(file=self.file.name))
        self._throttle.succeeded(ACCOUNT, address, familiar=False)

    def forget(self) -> None:
        """The set-up is over: the code opens nothing any more."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> str | None:
        try:
            return self.file.read_text().strip() or None
        except FileNotFoundError:
            return None
