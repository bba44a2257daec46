"""A warning of the bureau's desk as a CAP message: what would be said now, and whether it is news."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from alarm_rules.model import Point
from api.bilingual import both, sent
from api.desks.register import InstallationFacts
from api.desks.warning_loop import WarningEpisode
from api.publish.cap import Area, Info, Message, MessageType

SECOND_NS = 1_000_000_000
RESTRICTION = sent(both("应急管理部门及有关单位", "authorities and those concerned"))


class NothingToPublish(Exception):
    """The warning was published as it stands; the message says when."""


class ColourTerms(msgspec.Struct, frozen=True):
    """A colour in CAP's words."""

    name: str
    name_en: str
    severity: str
    urgency: str
    certainty: str
    response: str
    issuer: Literal["duty", "head"]


class CapTerms(msgspec.Struct, frozen=True):
    """`cap_terms.yaml`."""

    status: str
    event: str
    event_en: str
    categories: tuple[str, ...]
    colours: dict[str, ColourTerms]
    expires_h: float
    radius_km: float


class Published(NamedTuple):
    """An earlier message about the same warning."""

    id: str
    message_type: MessageType
    colour: str
    reference: str


class Sender(NamedTuple):
    """Who publishes."""

    address: str
    name: str


def load_cap_terms() -> CapTerms:
    """The delivered words."""
    file = Path(__file__).with_name("cap_terms.yaml")
    return msgspec.yaml.decode(file.read_bytes(), type=CapTerms)


def centre_of(points: Iterable[Point]) -> tuple[float, float] | None:
    """Middle of the points that have a place: longitude, latitude in degrees WGS 84."""
    placed = [(p.longitude, p.latitude) for p in points if p.longitude is not None and p.latitude is not None]
    if not placed:
        return None
    longitudes, latitudes = zip(*placed, strict=True)
    return sum(longitudes) / len(placed), sum(latitudes) / len(placed)


def next_type(warning: WarningEpisode, colour: str, earlier: Sequence[Published]) -> MessageType:
    """What a message about the warning would be now. NothingToPublish when it has been said."""
    last = earlier[-1] if earlier else None
    if last is not None and last.message_type == "Cancel":
        raise NothingToPublish(
            both(f"预警 {warning.id} 已由 {last.id} 撤销", f"warning {warning.id} was cancelled by {last.id}")
        )
    if warning.closed is not None:
        if last is None:
            raise NothingToPublish(
                both(
                    f"预警 {warning.id} 已关闭，且从未发布",
                    f"warning {warning.id} is closed and was never published",
                )
            )
        return "Cancel"
    if last is None:
        return "Alert"
    if last.colour == colour:
        raise NothingToPublish(
            both(
                f"预警 {warning.id} 已由 {last.id} 发布，级别 {colour}",
                f"warning {warning.id} stands published as {colour} by {last.id}",
            )
        )
    return "Update"


def message_of(
    warning: WarningEpisode,
    colour: str,
    facts: InstallationFacts,
    centre: tuple[float, float] | None,
    earlier: Sequence[Published],
    terms: CapTerms,
    sender: Sender,
    now: int,
    zone: tzinfo,
) -> Message:
    """The message, in Chinese and in English. NothingToPublish when there is no news."""
    kind = next_type(warning, colour, earlier)
    area = Area(
        name=f"{facts.enterprise_name} {facts.name}",
        longitude=centre[0] if centre else None,
        latitude=centre[1] if centre else None,
        radius_km=terms.radius_km,
    )
    return Message(
        identifier=f"{warning.id}.{len(earlier) + 1}",
        sender=sender.address,
        sent=_time(now, zone),
        message_type=kind,
        restriction=RESTRICTION,
        references=tuple(published.reference for published in earlier),
        infos=_infos(
            warning,
            colour,
            facts,
            area,
            terms,
            sender,
            over=kind == "Cancel",
            onset=_time(warning.begun_at, zone),
            expires=_time(now + int(terms.expires_h * 3600) * SECOND_NS, zone),
        ),
    )


def _infos(
    warning: WarningEpisode,
    colour: str,
    facts: InstallationFacts,
    area: Area,
    terms: CapTerms,
    sender: Sender,
    *,
    over: bool,
    onset: str,
    expires: str,
) -> tuple[Info, Info]:
    """Chinese and English."""
    words = terms.colours[colour]
    chinese = Info(
        language="zh-CN",
        categories=terms.categories,
        event=terms.event,
        response_types=("AllClear",) if over else (words.response,),
        urgency="Past" if over else words.urgency,
        severity=words.severity,
        certainty=words.certainty,
        onset=onset,
        expires=expires,
        sender_name=sender.name,
        headline=f"{area.name}{'解除' if over else ''}{words.name}预警",
        description=f"{area.name}（{_hazard(facts)}）自 {onset} 起为{words.name}预警。"
        + ("现已解除。" if over else ""),
        parameters=(("warning_level", colour), ("warning_id", warning.id)),
        areas=(area,),
    )
    english = msgspec.structs.replace(
        chinese,
        language="en",
        event=terms.event_en,
        headline=f"{area.name}: {words.name_en} warning{' lifted' if over else ''}",
        description=f"{area.name} ({_hazard_en(facts)}): {words.name_en} warning since {onset}."
        + (" It is lifted now." if over else ""),
    )
    return chinese, english


def _hazard(facts: InstallationFacts) -> str:
    return f"{'一二三四'[facts.hazard_class - 1]}级重大危险源" if facts.hazard_class else "重大危险源"


def _hazard_en(facts: InstallationFacts) -> str:
    return f"class {facts.hazard_class}" if facts.hazard_class else "not classified"


def _time(time_ns: int, zone: tzinfo) -> str:
    """ISO 8601 to the second; an offset of nothing is written +00:00, as the schema asks."""
    return datetime.fromtimestamp(time_ns // SECOND_NS, zone).isoformat(timespec="seconds")
