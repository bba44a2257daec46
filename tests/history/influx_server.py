"""A real InfluxDB 1.8 in a temporary folder; it serves the v2 addresses and Flux."""

import json
import re
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

CONFIGURATION = """
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
flux-enabled = true
log-enabled = false
[monitor]
store-enabled = false
"""

INSTALL = "go install github.com/influxdata/influxdb/cmd/influxd@v1.8.10"


class InfluxServer:
    """Starts on a free port; a restart keeps the port and the data."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("influxd")
        if binary is None:
            pytest.skip(f"influxd is not installed: {INSTALL}, and put it on the PATH")
        self._binary, self._folder = binary, folder
        self._databases = 0
        self.port = 0

    def start(self) -> None:
        configuration = self._folder / "influxdb.conf"
        configuration.write_text(CONFIGURATION.format(folder=self._folder, port=self.port))
        self._process = subprocess.Popen(
            [self._binary, "-config", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._listening = threading.Event()
        self._log: list[str] = []
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._listening.wait(30) or not self.port:
            self.kill()
            pytest.fail("influxd did not start:\n" + "".join(self._log[-20:]))

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._log.append(line)
            found = re.search(r"Listening on HTTP.*addr=\S+?:(\d+)", line)
            if found:
                self.port = int(found[1])
                self._listening.set()
        self._listening.set()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stderr is not None
        self._process.stderr.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def create_database(self) -> str:
        """A new empty database; its name is the bucket's."""
        self._databases += 1
        name = f"hazardwatch_{self._databases}"
        self.query(f'create database "{name}"')
        return name

    def query(self, text: str) -> dict:
        body = urllib.parse.urlencode({"q": text}).encode()
        with urllib.request.urlopen(f"{self.url}/query", body, timeout=10) as response:
            return json.load(response)

    def write_lines(self, bucket: str, lines: str) -> None:
        """As another program would write, without our client."""
        address = f"{self.url}/api/v2/write?bucket={bucket}&org=-&precision=ns"
        urllib.request.urlopen(address, lines.encode(), timeout=10).close()

    def points(self, bucket: str) -> set[str]:
        """Points that have any sample in a database, seen without our client."""
        answer = self.query(f'select count(quality) from "{bucket}"..hazardwatch group by point')
        return {series["tags"]["point"] for series in answer["results"][0].get("series", [])}
