"""The site's folder, and what of it makes way when the register of one enterprise is written anew.

A file that describes this enterprise alone is replaced. From a table of several enterprises its rows are
taken out, all others stay as they are written. A YAML file that holds more than this enterprise is left
to a person: nothing here edits text that people have written by hand.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from alarm_rules.csv_rows import read_rows
from alarm_rules.findings import Findings, Place
from alarm_rules.load import register_headings
from alarm_rules.site_files import TABLES, YAML, find_files, read_text
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlList, YamlMapping, read_yaml

PREVIOUS = ".previous"
"""Sub-folder of earlier versions; hidden, so that nobody reads it as part of the site."""
REGISTER_KEYS = frozenset(("enterprises", "defaults"))


class FolderPlan(NamedTuple):
    """What is written (name -> content) and what goes."""

    writes: Mapping[str, bytes]
    removes: tuple[str, ...]
    replaced: tuple[str, ...]
    """Names of the files that held the enterprise before."""


def tables_of(folder: Path) -> dict[str, bytes]:
    """Every table of the folder by name. Raises OSError."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in TABLES and not path.name.startswith(".") and path.is_file()
    }


def digest_of(tables: Mapping[str, bytes]) -> str:
    """Fingerprint of a folder's tables, byte by byte."""
    whole = hashlib.sha256()
    for name, content in sorted(tables.items()):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def plan_for(
    folder: Path, enterprise: str, ending: str, content: bytes, beside: bytes | None, findings: Findings
) -> FolderPlan:
    """How the register of the enterprise is replaced by `content` (`.csv` or `.yaml`) and, for a table, a
    YAML file `beside` it. What stands in the way becomes a finding."""
    writes: dict[str, bytes] = {}
    replaced: list[str] = []
    for path in find_files(folder, Findings()).registers:
        held, others = _enterprises_in(path)
        if enterprise not in held:
            continue
        if not others and held == {enterprise}:
            replaced.append(path.name)
        elif path.suffix.lower() in YAML:
            findings.add(
                Place(path.name, 1),
                Both(
                    f"此文件除 {enterprise} 外还有其他内容：{'、'.join(others)}",
                    f"the file holds {enterprise} together with something else: {', '.join(others)}",
                ),
                Both(
                    f"请把 {enterprise} 移到单独的台账文件，再导入",
                    f"move {enterprise} into a register file of its own, then import again",
                ),
            )
        else:
            writes[path.name] = _without(path, enterprise)
    name = _name_for(enterprise, ending, replaced, set(writes))
    writes[name] = content
    if beside is not None:
        writes[f"register-{enterprise}-emergency.yaml"] = beside
    removes = tuple(sorted(set(replaced) - writes.keys()))
    return FolderPlan(writes, removes, tuple(replaced))


def target_name(plan: FolderPlan, content: bytes) -> str:
    """Under which name the imported file stands."""
    return next(name for name, written in plan.writes.items() if written is content)


@contextmanager
def candidate(folder: Path, plan: FolderPlan) -> Iterator[Path]:
    """A copy of the site's tables with the plan carried out, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-import-") as made:
        whole = tables_of(folder) | dict(plan.writes)
        for name, content in whole.items():
            if name not in plan.removes:
                (Path(made) / name).write_bytes(content)
        yield Path(made)


def carry_out(folder: Path, plan: FolderPlan, stamp: str) -> Path:
    """Write the plan; each file is whole at every moment. Returns the folder of the previous version.

    The earlier files are copied first, the new ones are put in place by renaming, and what goes goes last:
    whoever reads in between finds a point twice, which is a finding, and never one missing. Raises OSError.
    """
    kept = folder / PREVIOUS / stamp
    kept.mkdir(parents=True)
    for name in sorted({*plan.writes, *plan.removes}):
        if (folder / name).exists():
            shutil.copy2(folder / name, kept / name)
    for name, content in plan.writes.items():
        _put(folder / name, content)
    for name in plan.removes:
        (folder / name).unlink(missing_ok=True)
    _sync(kept)
    _sync(folder)
    return kept


def _enterprises_in(path: Path) -> tuple[set[str], list[str]]:
    """Ids of the enterprises in a register file, and what else is in it."""
    quiet = Findings()
    text = read_text(path, quiet) or ""
    if path.suffix.lower() not in YAML:
        rows = read_rows(text, path.name, register_headings(), quiet)
        held = {str(row.values.get("enterprise", "")) for row in rows}
        return held, []
    tree = read_yaml(text, path.name, quiet)
    if not isinstance(tree, YamlMapping):
        return set(), []
    listed = tree.get("enterprises")
    items = listed if isinstance(listed, YamlList) else []
    ids = [str(item.get("id", "")) for item in items if isinstance(item, YamlMapping)]
    others = [key for key in tree if key not in REGISTER_KEYS]
    return set(ids), others if len(set(ids)) < 2 else [*others, *ids]


def _without(path: Path, enterprise: str) -> bytes:
    """A table without the rows of an enterprise; every other line as it is."""
    quiet = Findings()
    text = read_text(path, quiet) or ""
    lines = list(StringIO(text, newline=""))
    starts = {row.line for row in read_rows(text, path.name, register_headings(), quiet)}
    own = {
        row.line
        for row in read_rows(text, path.name, register_headings(), quiet)
        if row.values.get("enterprise") == enterprise
    }
    kept: list[str] = []
    dropping = False
    for number, line in enumerate(lines, 1):
        if number in starts:
            dropping = number in own
        if not dropping:
            kept.append(line)
    return "".join(kept).encode()


def _name_for(enterprise: str, ending: str, replaced: list[str], taken: set[str]) -> str:
    """The name that the file has already if it is the only one, else one that says whose it is."""
    if len(replaced) == 1 and Path(replaced[0]).suffix.lower() == ending:
        return replaced[0]
    name = f"register-{enterprise}{ending}"
    return name if name not in taken else f"register-{enterprise}-imported{ending}"


def _put(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:60]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
