"""The service as a process of its own: it ends when told, and forgets nothing when killed."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from api.app import create_app
from api.server import run
from tests.api.plant import SITE, T0, change, delivery
from tests.api.serving import Api, receive, settings_in, wait_until
from tests.gateway.processes import STOP_S

CHILD = """
import sys
from pathlib import Path
import api.server
from api.app import create_app
from api.settings import ApiSettings
from tests.api.plant import SITE
settings = ApiSettings(data_folder=Path(sys.argv[1]), port=int(sys.argv[2]))
api.server.run(settings, create_app(settings, site=SITE))
"""

REFUSED = """
import sys
import api.server
from api.app import create_app
from api.settings import ApiSettings
from tests.api.plant import SITE
settings = ApiSettings.model_validate_json(sys.argv[1])
api.server.run(settings, create_app(settings, site=SITE))
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Child:
    """A service in a process."""

    def __init__(self, folder: Path) -> None:
        port = _free_port()
        settings, token, key = settings_in(folder)
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), str(port)], cwd=Path(__file__).parents[2]
        )
        self.api = Api(settings, port, token, key)
        wait_until(self._answers, "the service to answer")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the service ended by itself"
        try:
            return self.api.nobody.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_S)


def test_service_killed_after_its_answer_has_kept_the_alarm(tmp_path: Path) -> None:
    child = Child(tmp_path)
    try:
        assert child.api.post("/intake/conditions", delivery(change(1))).status_code == 200
        (alarm,) = child.api.person.get("/alarms").json()["alarms"]
        assert child.api.person.post(f"/alarms/{alarm['id']}/acknowledge").status_code == 200
    finally:
        assert child.end(signal.SIGKILL) == -signal.SIGKILL
    child = Child(tmp_path)
    try:
        (again,) = child.api.person.get("/alarms").json()["alarms"]
        assert (again["id"], again["state"]) == (alarm["id"], "ACKED")
        answer = child.api.post(
            "/intake/conditions", delivery(change(1), change(2, rule="acme/TK101.LT01/H"))
        )
        assert answer.json() == {"accepted_through": 2}
        with child.api.live() as screen:
            assert len(receive(screen, "snapshot")["alarms"]) == 2
    finally:
        child.end(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_service_ends_by_itself_with_screens_open(tmp_path: Path, number: signal.Signals) -> None:
    child = Child(tmp_path)
    with child.api.live() as screen:
        receive(screen, "snapshot")
        assert child.end(number) == 0


def test_service_names_the_setting_when_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings, _, _ = settings_in(tmp_path, port=port)
        with pytest.raises(OSError, match=rf"port {port} on 127\.0\.0\.1 .*in use.*HAZARDWATCH_API_PORT"):
            run(settings, create_app(settings, site=SITE))


def test_service_asked_to_end_by_two_signals_at_once_ends_in_peace(tmp_path: Path) -> None:
    child = Child(tmp_path)
    child.process.send_signal(signal.SIGTERM)
    assert child.end(signal.SIGTERM) == 0


def test_thousand_changes_in_one_delivery_are_stored(tmp_path: Path) -> None:
    child = Child(tmp_path)
    try:
        body = msgspec.json.encode(delivery(*(change(n, onset=T0 + n) for n in range(1, 1001))))
        answer = child.api.gateway.post("/intake/conditions", content=body, timeout=30)
        assert answer.json() == {"accepted_through": 1000}
        assert child.api.person.get("/alarms/summary").json()["open"] == 1000
    finally:
        child.end(signal.SIGKILL)


@pytest.mark.parametrize(
    "part", ["desk_policy", "approvals_policy_file", "upstream_file", "signing_keys_file"]
)
def test_file_that_is_wrong_is_told_in_a_sentence_and_not_by_a_stack_trace(tmp_path: Path, part: str) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("- nothing of this kind")
    wrong.chmod(0o600)
    settings, *_ = settings_in(tmp_path / "data", **{part: wrong})
    process = subprocess.run(
        [sys.executable, "-c", REFUSED, settings.model_dump_json(include={"data_folder", "port", part})],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = process.stdout + process.stderr
    assert process.returncode == 3
    assert f"alert service: {wrong}" in said or f"alert service: file {wrong}" in said
    assert "Traceback" not in said
