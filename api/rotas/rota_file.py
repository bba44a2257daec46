"""Rotas in a YAML file: for small sites that write them down once, and read them in by one command.

rotas:
  - id: control-room
    enterprise: E001
    name: 中控室值班
    zone: Asia/Shanghai
    fallback: duty-phone
    layers:
      - {name: 白班, rotation: weekly, start_date: 2026-01-05, handover: "08:00", turns: [zhang-wei, li-na]}
"""

from collections.abc import Iterable
from typing import Any

from pydantic import Field, ValidationError

from alarm_rules.findings import Findings, Place
from alarm_rules.model import Finding
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import MAX_BYTES, YamlList, YamlMapping, read_yaml
from api.bilingual import both, halves, joined
from api.invalid_input import told
from api.rotas.check import RotaFinding
from api.rotas.definition import DefinitionBody, RotaId

MOST = 500


class RotaEntry(DefinitionBody):
    """One rota of the file."""

    id: RotaId = Field(description="How ladders name it.")
    enterprise: str = Field("", max_length=200, description="Whose it is; empty: the bureau's.")


class RotaFile:
    """The entries that could be read, and everything that is wrong, with file and line."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._findings = Findings()
        self.entries: list[tuple[RotaEntry, Any]] = []
        """Each with the mapping that it was read from, for the lines of later findings."""
        if len(text.encode()) > MAX_BYTES:
            self._wrong(1, both("文件超过 32 MB", "a file of more than 32 MB"), both("请拆分", "split it"))
            return
        self._read(read_yaml(text, file, self._findings))

    @property
    def findings(self) -> list[Finding]:
        return self._findings.sorted()

    def add(self, source: Any, found: Iterable[RotaFinding]) -> None:
        """Findings of a check of one entry, at their lines."""
        for finding in found:
            path = [int(part) if part.isdigit() else part for part in finding.where.split(".")]
            self._wrong(
                line_of(source, path), joined([finding.where, finding.wrong], "：", ": "), finding.right
            )

    def _read(self, root: Any) -> None:
        if root is None and self._findings:
            return
        if not isinstance(root, YamlMapping) or not isinstance(root.get("rotas"), YamlList):
            self._wrong(
                1,
                both("文件中没有值班表列表", "the file has no list of rotas"),
                both("请以 `rotas:` 开头，其下为列表", "begin with `rotas:` and a list below it"),
            )
            return
        for name in root.keys() - {"rotas"}:
            self._wrong(
                root.lines[name],
                both(f"没有键 {name}", f"unknown key {name!r}"),
                both("最上层只有 `rotas`", "only `rotas` stands at the top"),
            )
        for number, source in enumerate(root["rotas"][:MOST]):
            self._entry(source, root["rotas"].lines[number])

    def _entry(self, source: Any, line: int) -> None:
        if not isinstance(source, YamlMapping):
            self._wrong(
                line,
                both("有一项不是值班表", "an entry that is no rota"),
                both("请给出 `id`、`name`、`fallback` 和 `layers`", "give it id, name, fallback and layers"),
            )
            return
        try:
            entry = RotaEntry.model_validate(source)
        except ValidationError as error:
            for mistake in error.errors():
                path = [part for part in mistake["loc"] if not _names_a_kind(part)]
                where = ".".join(map(str, path)) or "rota"
                self._wrong(
                    line_of(source, path),
                    joined([where, told(mistake)], "：", ": "),
                    _remedy(mistake["type"]),
                )
            return
        if any(entry.id == other.id for other, _ in self.entries):
            self._wrong(
                line_of(source, ["id"]),
                both(f"另有一个值班表也叫 {entry.id}", f"a second rota {entry.id!r}"),
                both("请给每个各自的编号", "give each its own id"),
            )
            return
        self.entries.append((entry, source))

    def _wrong(self, line: int, wrong: str, right: str) -> None:
        self._findings.add(Place(self._file, line), Both(*halves(wrong)), Both(*halves(right)))


def line_of(source: Any, path: list[Any]) -> int:
    """Line of the deepest key of the path that is there."""
    line: int = source.line
    for part in path:
        if (isinstance(source, YamlMapping) and part in source) or (
            isinstance(source, YamlList) and isinstance(part, int) and part < len(source)
        ):
            line, source = source.lines[part], source[part]
        else:
            break
    return line


def _names_a_kind(part: Any) -> bool:
    """Pydantic names the alternative of a union in the path: that is nobody's key."""
    return isinstance(part, str) and part.startswith(("list[", "constrained-str", "str"))


def _remedy(kind: str) -> str:
    return {
        "missing": both("请补上", "add it"),
        "extra_forbidden": both("请删去，或改正拼写", "remove it, or correct its spelling"),
        "string_pattern_mismatch": both(
            "时间请写成带引号的 HH:MM，编号用小写字母", "write times as HH:MM in quotes, ids in small letters"
        ),
    }.get(kind, both("请改正", "correct it"))
