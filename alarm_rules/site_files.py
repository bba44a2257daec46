"""Which files make a site, and their text.

A site is a folder or one file. In a folder, `register*` and `points*` hold the register, `rules*` and
`overrides*` the rules, each as `.yaml`, `.yml` or `.csv`; `ladders*`, in YAML only, says who is told of an
alarm. `changes*`, in YAML only, are laid over all of these, the later name over the earlier one: approved
changes of limits. Several of each are read in the order of their names. A table of any other name, and a
sub-folder that holds tables, is a finding: whoever put it there believes it to be in force. Hidden files
and files of other kinds are passed over.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from alarm_rules.findings import Findings, Place
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import MAX_BYTES

REGISTER_NAMES = ("register", "points")
RULE_NAMES = ("rules", "overrides")
LADDER_NAMES = ("ladders",)
"""Read like rules, as YAML only."""
CHANGE_NAMES = ("changes",)
YAML = (".yaml", ".yml")
TABLES = (*YAML, ".csv")
_KNOWN_NAMES = "register*, points*, rules*, overrides*, ladders* or changes*"


class SiteFiles(NamedTuple):
    """Paths of a site. A YAML file may hold register and rules together and stands once."""

    registers: tuple[Path, ...]
    rules: tuple[Path, ...]
    changes: tuple[Path, ...] = ()
    """Laid over the rest, in this order."""


def find_files(path: Path, findings: Findings) -> SiteFiles:
    """The files of a site at `path`; what is amiss becomes a finding."""
    place = Place(str(path), 1)
    if path.is_file():
        if path.suffix.lower() not in TABLES:
            findings.add(
                place,
                Both(
                    f"不能读取{path.suffix or '没有扩展名的文件'}",
                    f"cannot read {path.suffix or 'a file without ending'}",
                ),
                Both("请给 .yaml 或 .csv", "give .yaml or .csv"),
            )
            return SiteFiles((), ())
        rules = path.suffix.lower() == ".csv" and path.name.lower().startswith(RULE_NAMES)
        return SiteFiles((), (path,)) if rules else SiteFiles((path,), ())
    if not path.is_dir():
        findings.add(
            place,
            Both("没有此文件或文件夹", "no such file or folder"),
            Both("请给出现场文件夹，或台账及其规则文件", "give a site folder, or a register and its rules"),
        )
        return SiteFiles((), ())
    return _search(path, findings)


def nothing_begun(path: Path) -> bool:
    """Has nobody begun a site there? No such path, or a folder without a table: one to come, no mistake."""
    if not path.exists():
        return True
    return path.is_dir() and not any(
        held.suffix.lower() in TABLES and not held.name.startswith(".") for held in path.iterdir()
    )


def _search(folder: Path, findings: Findings) -> SiteFiles:
    registers: list[Path] = []
    rules: list[Path] = []
    changes: list[Path] = []
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        place = Place(str(folder), 1)
        findings.add(place, *_unreadable(error))
        return SiteFiles((), ())
    for path in listed:
        role = _role(path.stem.lower())
        table = path.suffix.lower() in TABLES
        if path.name.startswith("."):
            continue
        if path.is_dir():
            _refuse_sub_folder(path, findings)
        elif role == "ladders" and path.suffix.lower() == ".csv":
            findings.add(
                Place(str(path), 1),
                Both("升级规则不能用 CSV", "ladders cannot be read from CSV"),
                Both("请写 ladders.yaml", "write ladders.yaml"),
            )
        elif role == "changes" and path.suffix.lower() == ".csv":
            findings.add(
                Place(str(path), 1),
                Both("变更不能用 CSV", "changes cannot be read from CSV"),
                Both("请写 changes.yaml", "write changes.yaml"),
            )
        elif role is not None and table:
            {"register": registers, "changes": changes}.get(role, rules).append(path)
        elif role is not None and path.suffix.lower() in (".xlsx", ".xls"):
            findings.add(
                Place(str(path), 1),
                Both("不能直接读取电子表格", "a spreadsheet cannot be read"),
                Both("请另存为 CSV UTF-8", "save it as CSV UTF-8"),
            )
        elif table:
            _refuse_name(path, findings)
    if not registers:
        findings.add(
            Place(str(folder), 1),
            Both("此文件夹中没有台账", "no register in this folder"),
            Both(
                "请加入写有测点的 register.yaml 或 register.csv",
                "add register.yaml or register.csv with the points",
            ),
        )
    return SiteFiles(tuple(registers), tuple(rules), tuple(changes))


def _role(name: str) -> str | None:
    if name.startswith(REGISTER_NAMES):
        return "register"
    if name.startswith(LADDER_NAMES):
        return "ladders"
    if name.startswith(CHANGE_NAMES):
        return "changes"
    return "rules" if name.startswith(RULE_NAMES) else None


def _refuse_name(path: Path, findings: Findings) -> None:
    close = difflib.get_close_matches(
        path.stem.lower(), (*REGISTER_NAMES, *RULE_NAMES, *LADDER_NAMES, *CHANGE_NAMES), n=1, cutoff=0.75
    )
    name = f"{close[0]}{path.suffix}" if close else _KNOWN_NAMES
    findings.add(
        Place(str(path), 1),
        Both(f"{path.name} 不会被读取", f"{path.name} is not read"),
        Both(f"请改名为 {name}，或移出现场文件夹", f"name it {name}, or move it out of the site's folder"),
    )


def _refuse_sub_folder(folder: Path, findings: Findings) -> None:
    """Only if it holds tables: a folder of drawings beside the register is nobody's mistake."""
    try:
        held = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in TABLES)
    except OSError:  # not readable, and not to be read either
        return
    if held:
        findings.add(
            Place(str(folder / held[0]), 1),
            Both(
                f"{folder.name}/{held[0]} 不会被读取，子文件夹中的其他文件也一样",
                f"{folder.name}/{held[0]} is not read, nor is anything else in a sub-folder",
            ),
            Both(
                f"请放到台账旁边并命名为 {_KNOWN_NAMES}，或移出现场文件夹",
                f"put it beside the register and name it {_KNOWN_NAMES}, or move it out of the site's folder",
            ),
        )


def read_text(path: Path, findings: Findings) -> str | None:
    """The file's text: UTF-8 with or without byte order mark, else GB18030; None with a finding."""
    place = Place(str(path), 1)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            findings.add(
                place,
                Both(
                    f"文件有 {size / 1e6:.0f} MB，超过 {MAX_BYTES / 1e6:.0f} MB 的不读取",
                    f"{size / 1e6:.0f} MB; files over {MAX_BYTES / 1e6:.0f} MB are not read",
                ),
                Both("请按企业拆分；CSV 比 YAML 小", "split it by enterprise; CSV takes less than YAML"),
            )
            return None
        raw = path.read_bytes()
    except OSError as error:
        findings.add(place, *_unreadable(error))
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    findings.add(
        place,
        Both("既不是 UTF-8 也不是 GB18030 文本", "neither UTF-8 nor GB18030 text"),
        Both("请存为 UTF-8", "save it as UTF-8"),
    )
    return None


def _unreadable(error: OSError) -> tuple[Both, Both]:
    return (
        Both(f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}"),
        Both("请检查路径和权限", "check the path and its permissions"),
    )


def given_files(registers: Sequence[Path], rules: Sequence[Path]) -> SiteFiles:
    """Files named one by one, each once, the registers first."""
    unique = tuple(dict.fromkeys(registers))
    return SiteFiles(unique, tuple(path for path in dict.fromkeys(rules) if path not in unique))
