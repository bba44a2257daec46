"""Rules of the site's own: each names its point, its detector and the detector's parameters."""

from typing import Any

from alarm_rules.detector_params import DETECTOR, detector_names, make_params, read_params
from alarm_rules.findings import Wrong, known_are, meant
from alarm_rules.keys import shown
from alarm_rules.model import Point
from alarm_rules.pack_rules import SETPOINT
from alarm_rules.rule_book import RuleBook, make_rule
from alarm_rules.rule_entries import RuleEntry
from alarm_rules.watched import resolve_watched
from alarm_rules.wording import Both


def add_own_rule(own: RuleEntry, book: RuleBook) -> None:
    """Resolve and validate one rule into the book, or report what is wrong with it."""
    what = Both(f"规则 {own.id}", f"rule {own.id}")
    given = _read_when(own, what, book)
    point = _point_of(own, book)
    if point is None or given is None:
        return
    full = _full_id(own, point, book)
    if full is None:
        return
    detector, read = given
    values = resolve_watched(own, detector, read, point, book)
    if values is None:
        return
    try:
        params = make_params(detector, values, point)
    except Wrong as wrong:
        book.findings.add(own.when.place, wrong.told_of(what), wrong.right)
        return
    origin = str(own.entry.place)
    book.add(make_rule(full, point, detector, params, own.values, origin), point, own.when.at(SETPOINT))


def _read_when(own: RuleEntry, what: Both, book: RuleBook) -> tuple[str, dict[str, Any]] | None:
    known = detector_names()
    detector = own.when.values.get(DETECTOR, "")
    if detector in known:
        values = read_params(own.when, detector, what, book.findings)
        return None if values is None else (detector, values)
    listed = known_are(known)
    if detector == "":
        book.findings.add(
            own.when.place,
            Both(f"{what.subject}没有写检测方法（detector）", f"{what} names no detector"),
            listed,
        )
    else:
        close = book.findings.nearest(detector, known) if isinstance(detector, str) else None
        place = own.when.at(DETECTOR)
        wrong = Both(
            f"{what.chinese}：没有检测方法 {shown(detector)}", f"{what}: unknown detector {shown(detector)}"
        )
        book.findings.add(place, wrong, meant(close, listed))
    return None


def _point_of(own: RuleEntry, book: RuleBook) -> Point | None:
    name = own.values["point"]
    place = own.entry.at("point")
    full = book.full_id(name, place, Both("测点", "point"))
    if full is None:
        return None
    if full in book.points:
        return book.points[full][0]
    if name.rpartition("/")[2] not in book.broken:
        book.findings.add(
            place,
            Both(
                f"规则 {own.id} 监视的 {name} 台账中没有",
                f"rule {own.id} watches {name}, which the register does not know",
            ),
            meant(
                book.findings.nearest(full, book.points),
                Both("请把测点加入台账，或改正位号", "add the point to the register or correct the tag"),
            ),
        )
    return None


def _full_id(own: RuleEntry, point: Point, book: RuleBook) -> str | None:
    enterprise, slash, rest = own.id.partition("/")
    if not slash:
        return f"{point.enterprise}/{own.id}"
    if enterprise == point.enterprise:
        return own.id
    book.findings.add(
        own.entry.at("id"),
        Both(
            f"规则 {own.id} 监视的是其他企业的测点 {point.id}",
            f"rule {own.id} watches point {point.id} of another enterprise",
        ),
        Both(f"请命名为 {point.enterprise}/{rest}", f"call it {point.enterprise}/{rest}"),
    )
    return None
