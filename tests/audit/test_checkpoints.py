"""Checkpoints: signed, proved, read from a file; they find what the chain alone cannot."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.audit.chain import GENESIS, START, Head
from api.audit.check import ChainCheck, forged
from api.audit.checkpoints import Checkpoint, Unsigned, is_due, line_of, read_lines
from api.audit.keys import AuditKeyRefused, AuditProof, AuditSigner, public_file
from tests.audit.rows import chain, entry

HOUR_NS = 3600 * 1_000_000_000


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> AuditSigner:
    return AuditSigner.open(tmp_path_factory.mktemp("keys") / "audit.key")


def test_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "audit.key"
    first = AuditSigner.open(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert AuditSigner.open(file).public.pem == first.public.pem
    assert AuditProof.read(public_file(file)).name == first.public.name


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "audit.key"
    AuditSigner.open(file)
    file.chmod(0o640)
    with pytest.raises(AuditKeyRefused, match="chmod 600"):
        AuditSigner.open(file)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_file_that_is_no_key_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "audit.key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(AuditKeyRefused, match=r"audit\.key"):
        AuditSigner.open(file)
    assert file.read_text() == text


def test_genuine_checkpoint_is_proved_and_that_of_another_key_is_not(
    signer: AuditSigner, tmp_path: Path
) -> None:
    checkpoint = signer.sign(Head(3, "ab" * 32), 5)
    assert signer.public.proves(checkpoint)
    assert not AuditSigner.open(tmp_path / "other.key").public.proves(checkpoint)


@settings(max_examples=60)
@given(st.data())
def test_changed_checkpoint_is_not_proved(signer: AuditSigner, data: st.DataObject) -> None:
    good = signer.sign(Head(3, "ab" * 32), 5)
    field = data.draw(st.sampled_from(Checkpoint.__struct_fields__))
    before = getattr(good, field)
    if isinstance(before, int):
        after = data.draw(st.integers(0, 2**63 - 1).filter(lambda value: value != before))
    else:
        place = data.draw(st.integers(0, len(before) - 1))
        digit = data.draw(st.sampled_from("0123456789abcdef ").filter(lambda c: c != before[place]))
        after = before[:place] + digit + before[place + 1 :]
    bad = msgspec.structs.replace(good, **{field: after})
    assert not signer.public.proves(bad)
    fault = forged([good, bad], signer.public.proves)
    assert fault is not None
    assert fault.kind == "checkpoint_forged"


@settings(max_examples=60)
@given(length=st.integers(2, 12), data=st.data())
def test_rehashed_past_is_found_by_the_checkpoint_behind_it(
    signer: AuditSigner, length: int, data: st.DataObject
) -> None:
    """Somebody changes a row and makes all hashes anew, and the head too: only signatures stop him."""
    entries = [entry(number) for number in range(1, length + 1)]
    rows = chain(entries)
    places = data.draw(st.lists(st.integers(0, length), min_size=1, unique=True))
    checkpoints = [signer.sign(Head(n, rows[n - 1].hash) if n else START, n) for n in places]
    changed = data.draw(st.integers(1, length))
    entries[changed - 1] = msgspec.structs.replace(entries[changed - 1], text="没有发生")
    forged_rows = chain(entries)
    check = ChainCheck(START, checkpoints)
    for row in forged_rows:
        check.add(row)
    fault = check.finish(Head(length, forged_rows[-1].hash))
    behind = [place for place in places if place >= changed]
    assert (fault is not None) == bool(behind)
    if fault:
        before = max((place for place in places if place < changed), default=0)
        assert (fault.kind, fault.number) == ("rewritten", before + 1)
        assert str(min(behind)) in fault.text


@settings(max_examples=60)
@given(length=st.integers(1, 12), data=st.data())
def test_end_cut_off_with_its_head_is_found_by_a_checkpoint_beyond(
    signer: AuditSigner, length: int, data: st.DataObject
) -> None:
    rows = chain([entry(number) for number in range(1, length + 1)])
    kept = data.draw(st.integers(0, length - 1))
    checkpoint = signer.sign(Head(length, rows[-1].hash), 1)
    check = ChainCheck(START, [checkpoint])
    for row in rows[:kept]:
        assert check.add(row)
    fault = check.finish(Head(kept, rows[kept - 1].hash) if kept else START)
    assert fault is not None
    assert (fault.kind, fault.number) == ("truncated", kept + 1)


def test_checkpoints_are_due_after_rows_or_time(signer: AuditSigner) -> None:
    newest = signer.sign(Head(100, "ab" * 32), 0)

    def due(number: int, now: int, last: Checkpoint | None = newest) -> bool:
        return is_due(Head(number, "ab" * 32), last, now, every_rows=10, every_s=3600)

    assert due(0, 0, None)
    assert not due(109, HOUR_NS - 1)
    assert due(110, 0)
    assert due(100, HOUR_NS), "that nothing was added is signed too"


def test_file_of_checkpoints_is_read_back_and_a_torn_end_is_left_out(signer: AuditSigner) -> None:
    checkpoints = [signer.sign(Head(n, "ab" * 32), n) for n in (1, 2)]
    text = "".join(line_of(c) + "\n" for c in checkpoints)
    assert read_lines(text + '{"number": 3, "ti', "f") == checkpoints
    with pytest.raises(Unsigned, match=r"f:2: not a checkpoint"):
        read_lines(text.splitlines()[0] + "\n{}\n", "f")


def test_line_of_a_checkpoint_is_plain_json(signer: AuditSigner) -> None:
    line = json.loads(line_of(signer.sign(START, 7)))
    assert (line["number"], line["time"], line["hash"]) == (0, 7, GENESIS)
