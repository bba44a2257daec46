"""The words of the report, from `texts.yaml`."""

from functools import cache
from pathlib import Path

import msgspec
import yaml

from alarm_rules.yaml_lines import SAFE_LOADER
from api.figures.model import Words
from api.reports.model import Column

FILE = Path(__file__).with_name("texts.yaml")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Heading and columns of a table."""

    title: Words
    columns: tuple[Column, ...]


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    title: Words
    as_of: Words
    day: Words
    desk: Words
    span: Words
    enterprises: Words
    on_duty: Words
    nobody: Words
    all_desks: Words
    none: Words
    not_available: Words
    since: Words
    covered: Words
    no_counts: Words
    running: Words
    not_running: Words
    cut: Words
    page: Words
    signatures: Words
    signature_lines: tuple[Words, ...]
    words: dict[str, Words]
    summary: dict[str, Words]
    charts: dict[str, Words]
    sections: dict[str, Section]


@cache
def texts() -> Texts:
    """Read once; the file is part of the program."""
    return msgspec.convert(yaml.load(FILE.read_text(encoding="utf-8"), SAFE_LOADER), Texts)
