"""A real mosquitto for tests, in a folder of its own."""

import contextlib
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

ATTEMPTS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """`start` returns when it listens. It keeps everything it acknowledged, as a site's broker must,
    but only a clean stop writes it down: that is how far mosquitto's promise goes."""

    def __init__(self, folder: Path, *extra: str) -> None:
        if MOSQUITTO is None:
            pytest.skip("mosquitto is not installed: apt-get install mosquitto")
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listener {self.port} 127.0.0.1",
            *(extra or ("allow_anonymous true",)),
            "user root",  # else mosquitto, started by root, may not write to its folder
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            "max_inflight_messages 1000",
            "log_dest stderr",
            "log_type notice",
            "log_type information",
            "connection_messages false",
        ]
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [str(MOSQUITTO), "-c", str(self._configuration)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        heard = []
        for line in self._process.stderr:
            heard.append(line)
            if line.rstrip().endswith("running"):
                return
        pytest.fail(f"mosquitto did not start: {''.join(heard)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """A signal that comes just after mosquitto said that it runs is lost there: then it is sent again."""
        if self._process is None:
            return
        for _ in range(ATTEMPTS):
            self._process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=2)
                self._process = None
                return
        pytest.fail(f"mosquitto did not end at {how.name}")

    def kill(self) -> None:
        """Everything since the last clean stop is forgotten."""
        self.stop(signal.SIGKILL)

    def wipe(self) -> None:
        """Forget every session; only while stopped."""
        (self.folder / "mosquitto.db").unlink(missing_ok=True)
