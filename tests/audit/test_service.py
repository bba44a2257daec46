"""The running service: acts are chained, checkpoints are signed and leave the machine, tampering is told."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.audit.checkpoints import Checkpoint, read_lines
from api.audit.keys import AuditProof
from api.audit.verify import open_audit, verify
from api.auth.keys import add_operator
from tests.api.plant import change, delivery
from tests.api.serving import Api, running_api, wait_until


class Witness:
    """An address outside that takes checkpoints."""

    def __init__(self) -> None:
        self.taken: list[Checkpoint] = []
        self.tokens: set[str | None] = set()
        self.refusals = 0
        """Answer so many times with 500 first."""
        self.url = ""


@contextmanager
def witness() -> Iterator[Witness]:
    outside = Witness()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            outside.tokens.add(self.headers["Authorization"])
            refused = outside.refusals > 0
            if refused:
                outside.refusals -= 1
            else:
                outside.taken += read_lines(body.decode() + "\n", "posted")
            self.send_response(500 if refused else 204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its own name)
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    outside.url = f"http://127.0.0.1:{server.server_address[1]}/checkpoints?key=secret-part"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _auditor(api: Api) -> dict[str, str]:
    key = add_operator(api.settings.operators_file, "审计员", "auditor")
    return {"Authorization": f"Bearer {key}"}


def _alarm_acknowledged(api: Api) -> str:
    api.post("/intake/conditions", delivery(change(1))).raise_for_status()
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    api.person.post(f"/alarms/{alarm['id']}/acknowledge", json={"comment": "已看到"}).raise_for_status()
    return alarm["id"]


def test_act_of_a_person_is_in_the_chain_and_the_auditor_reads_it(tmp_path: Path) -> None:
    with running_api(tmp_path) as api:
        alarm = _alarm_acknowledged(api)
        auditor = _auditor(api)
        (row,) = api.nobody.get("/audit", params={"action": "acknowledge"}, headers=auditor).json()["rows"]
        assert (row["actor"], row["subject"], row["text"]) == ("operator:张伟", alarm, "已看到")
        assert row["enterprise"] == "acme"
        assert api.person.get("/audit").status_code == 403
        assert api.nobody.get("/audit").status_code == 401
    with open_audit(f"sqlite:///{tmp_path}/alarms.sqlite") as connection:
        assert verify(connection).good


def test_pages_go_on_from_a_row(tmp_path: Path) -> None:
    with running_api(tmp_path) as api:
        _alarm_acknowledged(api)
        auditor = _auditor(api)
        everything = api.nobody.get("/audit", headers=auditor).json()["rows"]
        walked, after = [], None
        while True:
            params = {"limit": 1} | ({"after": after} if after else {})
            page = api.nobody.get("/audit", params=params, headers=auditor).json()
            walked += page["rows"]
            after = page["next"]
            if after is None:
                break
        assert walked == everything
        assert api.nobody.get("/audit", params={"after": "x"}, headers=auditor).status_code == 422


def test_checkpoints_are_filed_sent_and_proved_by_the_public_key(tmp_path: Path) -> None:
    with witness() as outside:
        outside.refusals = 1
        more = {"audit_checkpoint_url": outside.url, "audit_checkpoint_token": "outside-token"}
        with running_api(tmp_path, **more) as api:
            wait_until(lambda: outside.taken, "a checkpoint outside")
            auditor = _auditor(api)
            shown = api.nobody.get("/audit/checkpoints", headers=auditor).json()["checkpoints"]
            pem = api.nobody.get("/audit/public-key", headers=auditor).json()["pem"]
            assert api.metric("hazardwatch_api_audit_checkpoint_failures_total", way="http") == 1
            assert api.metric("hazardwatch_api_audit_checkpoints_signed_total") == 1
        assert outside.tokens == {"Bearer outside-token"}
    key = tmp_path / "given.pem"
    key.write_text(pem)
    filed = read_lines((tmp_path / "audit-checkpoints.jsonl").read_text(), "file")
    assert filed == outside.taken
    assert [AuditProof.read(key).proves(c) for c in filed] == [True]
    assert shown[0]["signature"] == filed[0].signature


def test_restart_signs_no_second_checkpoint_and_repeats_none_in_the_file(tmp_path: Path) -> None:
    for _ in range(2):
        with running_api(tmp_path, audit_checkpoint_unsent_after_s=0.5) as api:
            wait_until((tmp_path / "audit-checkpoints.jsonl").exists, "the file")
            wait_until(
                lambda api=api: api.metric("hazardwatch_api_timers_fired_total", kind="audit_checkpoint"), ""
            )
    assert len((tmp_path / "audit-checkpoints.jsonl").read_text().splitlines()) == 1


def test_checkpoint_that_stays_is_a_system_condition(tmp_path: Path) -> None:
    """Nobody listens there, and the patience is short."""
    more = {
        "audit_checkpoint_url": "http://127.0.0.1:9/",
        "audit_checkpoint_unsent_after_s": 0.001,
    }
    with running_api(tmp_path, **more) as api:

        def open_conditions() -> list[str]:
            return [alarm["rule"] for alarm in api.person.get("/alarms").json()["alarms"]]

        wait_until(lambda: "service/system/audit_checkpoint_unsent" in open_conditions(), "the alarm", 40)


def test_service_tells_that_its_own_audit_was_changed(tmp_path: Path) -> None:
    with running_api(tmp_path) as api:
        _alarm_acknowledged(api)
    with sqlite3.connect(tmp_path / "alarms.sqlite") as attacker:
        attacker.execute("UPDATE audit SET actor = 'operator:someone else'")
    attacker.close()
    with running_api(tmp_path, audit_check_every_s=0.05) as api:

        def broken() -> list[dict[str, str]]:
            alarms = api.person.get("/alarms").json()["alarms"]
            return [alarm for alarm in alarms if alarm["rule"] == "service/system/audit_broken"]

        (alarm,) = wait_until(broken, "the alarm")
        assert "row 1 does not follow" in alarm["text"]
        assert api.metric("hazardwatch_api_audit_broken") == 1


def test_key_that_others_may_read_keeps_the_service_from_starting(tmp_path: Path) -> None:
    with running_api(tmp_path):
        pass
    (tmp_path / "audit.key").chmod(0o644)
    with pytest.raises(RuntimeError, match="did not start"), running_api(tmp_path):
        pass


def test_file_of_checkpoints_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "audit-checkpoints.jsonl"
    file.write_text(json.dumps({"not": "ours"}) + "\n")
    with running_api(tmp_path) as api:
        wait_until(
            lambda: api.metric("hazardwatch_api_audit_checkpoint_failures_total", way="file"), "the count"
        )
    assert file.read_text() == '{"not": "ours"}\n'
