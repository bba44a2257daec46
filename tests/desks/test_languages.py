"""What the desks write down and tell can be read in Chinese alone and in English alone."""

import re
from collections.abc import Iterator

from sqlalchemy import Column, Connection, select

from api.bilingual import SIGN, halves
from api.desks.colours import WarningLevel
from api.store.tables.alarms import entry
from api.store.tables.desks import level_change, shift_entry, supervision_step, warning_step
from api.store.tables.notify import outbox
from tests.desks.office import OFFICER, OPERATOR, OPERATOR_2, SITE, SUPERVISOR, Office
from tests.desks.times import HOUR

HAN = re.compile(r"[\u3400-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z]{4,}")
ENTERED = (
    *(enterprise.name for enterprise in SITE.enterprises),
    *(place.name for enterprise in SITE.enterprises for place in enterprise.installations),
    *(place.id for enterprise in SITE.enterprises for place in enterprise.installations),
    *(enterprise.id for enterprise in SITE.enterprises),
    *(member.name for member in (OFFICER, OPERATOR, OPERATOR_2, SUPERVISOR)),
    *("冒烟", "已切换备用", "更换液位计"),
)
"""Names and words that people gave: the same in both languages."""
WRITTEN: tuple[Column[str], ...] = (
    entry.c.text,
    level_change.c.text,
    warning_step.c.text,
    supervision_step.c.text,
    shift_entry.c.text,
    outbox.c.title,
    outbox.c.body,
)


def unreadable(text: str) -> str:
    """What one of its readers cannot read; empty if there is nothing."""
    chinese, english = halves(text)
    for name in ENTERED:
        chinese, english = chinese.replace(name, ""), english.replace(name, "")
    if SIGN not in text:  # a person's own words, or data
        return "" if not (HAN.search(chinese) and ENGLISH.search(chinese)) else text
    return " ".join([*ENGLISH.findall(chinese), *HAN.findall(english)])


def written(connection: Connection) -> Iterator[tuple[str, str]]:
    for column in WRITTEN:
        for (text,) in connection.execute(select(column)):
            if text:
                yield f"{column.table.name}.{column.name}", text


async def test_everything_written_and_told_is_in_one_language_for_each_reader(office: Office) -> None:
    desks, place = office.desks, ("acme", "tank-farm")
    await desks.shifts.take(OPERATOR, "enterprise:acme")
    await office.alarm("acme/LT0/HH")
    await desks.duty_checks.send(OFFICER, ["acme"], "", None)
    await office.wait(2 * HOUR)  # what is owed and what is asked becomes overdue
    warning = (await office.warnings())[0]
    await desks.warnings.take("sign", OFFICER, warning.id, "")
    await desks.warnings.take("ask", OFFICER, warning.id, "")
    await desks.warnings.take("answer", SUPERVISOR, warning.id, "已切换备用")
    deadline, until = office.now + 48 * HOUR, office.now + 4 * HOUR
    await desks.supervision.create(
        OFFICER,
        enterprise="acme",
        installation="tank-farm",
        item="更换液位计",
        responsible="赵敏",
        deadline=deadline,
    )
    await desks.levels.set_by_hand(OFFICER, place, WarningLevel.RED, "冒烟", until, lower=False)
    await office.wait(50 * HOUR)
    await office.alarm("acme/GT0/HH")
    await office.alarm("acme/LT0/HH", active=False)
    await desks.shifts.offer(OPERATOR, "enterprise:acme", OPERATOR_2.name)
    found = list(await office.reader.run(lambda connection: list(written(connection))))
    assert {place for place, _ in found} >= {
        "level_change.text",
        "warning_step.text",
        "shift_entry.text",
        "outbox.title",
        "outbox.body",
    }
    mixed = {f"{place}: {wrong} in {text!r}" for place, text in found if (wrong := unreadable(text))}
    assert not mixed, "\n".join(sorted(mixed))


def test_a_text_of_both_languages_is_found() -> None:
    assert unreadable("升级 raised: 气体二级报警")
    assert unreadable(f"升级 raised {SIGN} raised")
    assert unreadable(f"升级 {SIGN} 升级 raised")
    assert not unreadable(f"升级：张伟 {SIGN} raised: 张伟")
