"""What is kept ready at an installation, gathered from the files that describe it."""

from collections.abc import Iterable
from typing import Any

from alarm_rules.dimension_keys import DIMENSIONS, MOST_ITEMS, ROLE_NAMES
from alarm_rules.findings import Entry, Findings, Place
from alarm_rules.keys import read_entry, refuse_unknown
from alarm_rules.model import ResponsiblePerson
from alarm_rules.wording import Both

PERSONS = "persons"
_WORDS = {
    "plans": Both("应急预案", "plan"),
    "persons": Both("责任人", "person"),
    "teams": Both("应急队伍", "team"),
    "materials": Both("应急物资", "material"),
    "videos": Both("视频", "video"),
}


class Dimensions:
    """The lists of one installation while it is read."""

    def __init__(self) -> None:
        self._lists: dict[str, list[Any]] = {name: [] for name in DIMENSIONS}
        self._persons: dict[str, tuple[ResponsiblePerson, Place]] = {}

    def read(self, name: str, entries: Iterable[Entry], installation: str, findings: Findings) -> None:
        """The items of one list; those of another file come after them."""
        kind, keys = DIMENSIONS[name]
        word = _WORDS[name]
        what = Both(f"重大危险源 {installation} 的{word.chinese}", f"a {word} of installation {installation}")
        for entry in entries:
            refuse_unknown(entry, keys, what, findings)
            values = read_entry(entry, keys, what, findings)
            if values is None:
                continue
            if len(self._lists[name]) >= MOST_ITEMS:
                findings.add(
                    entry.place,
                    Both(f"{word.chinese}超过 {MOST_ITEMS} 项", f"more than {MOST_ITEMS} {name}"),
                    Both("只保留要紧的", "keep those that matter here"),
                )
                return
            if name == PERSONS:
                self.add_person(values["role"], values["name"], values["phone"], entry.place, findings)
            else:
                self._lists[name].append(kind(**values))

    def add_person(self, role: Any, name: str, phone: str, place: Place, findings: Findings) -> None:
        """The person of a role; the same one again, as in each row of a table, says nothing new."""
        if not name:
            if phone:
                findings.add(
                    place,
                    Both(
                        f"{ROLE_NAMES[role]}只有电话没有姓名", f"a phone of the {role} person without a name"
                    ),
                    Both("补上姓名", "add the name"),
                )
            return
        person = ResponsiblePerson(role=role, name=name, phone=phone)
        known, where = self._persons.setdefault(role, (person, place))
        if known.name != name or (phone and known.phone and known.phone != phone):
            findings.add(
                place,
                Both(
                    f"{ROLE_NAMES[role]}在此处是 {_said(person)}，在 {where} 是 {_said(known)}",
                    f"the {role} person is {_said(person)} here and {_said(known)} at {where}",
                ),
                Both("每个角色只有一人：请改为一致", "one person answers in each role: make them agree"),
            )
        elif phone and not known.phone:
            self._persons[role] = (person, where)

    def fields(self) -> dict[str, Any]:
        """By their names in `Installation`; the persons in the order of their roles."""
        persons = {role: person for role, (person, _) in self._persons.items()}
        ordered = [persons[role] for role in ("main", "technical", "operational") if role in persons]
        return {name: tuple(items) for name, items in (self._lists | {PERSONS: ordered}).items()}


def _said(person: ResponsiblePerson) -> str:
    return f"{person.name} {person.phone}".strip()
