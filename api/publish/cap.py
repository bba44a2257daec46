"""A warning as a CAP 1.2 message (OASIS Common Alerting Protocol, 2010), and the rules of its schema.

`write` makes the XML; `faults` reads any XML and says what the published schema and the standard's text
would object to: elements and their order, how often each may stand, code words, times, areas. A message
with a fault is never published.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MessageType = Literal["Alert", "Update", "Cancel"]


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where it holds: a circle around the installation, in degrees of WGS 84 and kilometres."""

    name: str
    longitude: float | None = None
    latitude: float | None = None
    radius_km: float = 0.0
    geocodes: tuple[tuple[str, str], ...] = ()


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """One language of a message."""

    language: str
    categories: tuple[str, ...]
    event: str
    response_types: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    onset: str = ""
    expires: str = ""
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A CAP message; times are ISO 8601 with an offset, never `Z`."""

    identifier: str
    sender: str
    sent: str
    status: str = "Actual"
    message_type: MessageType = "Alert"
    scope: str = "Restricted"
    restriction: str = ""
    note: str = ""
    references: tuple[str, ...] = ()
    """`sender,identifier,sent` of the messages that this one updates or cancels."""
    infos: tuple[Info, ...] = ()

    @property
    def reference(self) -> str:
        """How a later message names this one."""
        return f"{self.sender},{self.identifier},{self.sent}"


def write(message: Message) -> bytes:
    """The XML document, UTF-8."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("alert"))
    _put(root, "identifier", message.identifier)
    _put(root, "sender", message.sender)
    _put(root, "sent", message.sent)
    _put(root, "status", message.status)
    _put(root, "msgType", message.message_type)
    _put(root, "scope", message.scope)
    _put(root, "restriction", message.restriction)
    _put(root, "note", message.note)
    _put(root, "references", " ".join(message.references))
    for info in message.infos:
        _put_info(ET.SubElement(root, _tag("info")), info)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _put_info(parent: ET.Element, info: Info) -> None:
    _put(parent, "language", info.language)
    for category in info.categories:
        _put(parent, "category", category)
    _put(parent, "event", info.event)
    for response_type in info.response_types:
        _put(parent, "responseType", response_type)
    for name in ("urgency", "severity", "certainty", "onset", "expires"):
        _put(parent, name, getattr(info, name))
    _put(parent, "senderName", info.sender_name)
    for name in ("headline", "description", "instruction", "contact"):
        _put(parent, name, getattr(info, name))
    for pair in info.parameters:
        _put_pair(parent, "parameter", *pair)
    for area in info.areas:
        _put_area(ET.SubElement(parent, _tag("area")), area)


def _put_area(parent: ET.Element, area: Area) -> None:
    _put(parent, "areaDesc", area.name)
    if area.longitude is not None and area.latitude is not None:
        _put(parent, "circle", f"{area.latitude:.6f},{area.longitude:.6f} {area.radius_km:g}")
    for pair in area.geocodes:
        _put_pair(parent, "geocode", *pair)


def _put_pair(parent: ET.Element, tag: str, name: str, value: str) -> None:
    pair = ET.SubElement(parent, _tag(tag))
    _put(pair, "valueName", name)
    _put(pair, "value", value)


def _put(parent: ET.Element, tag: str, text: str) -> None:
    """An element that may be left out is, when there is nothing to say."""
    if text:
        ET.SubElement(parent, _tag(tag)).text = _clean(text)


def _clean(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or _may_stand(ord(sign)))


_NO_SIGN = frozenset((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
_FIRST_SIGN = 0x20


def _may_stand(sign: int) -> bool:
    return sign >= _FIRST_SIGN and sign not in _NO_SIGN


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


class _Rule(NamedTuple):
    """How often an element may stand in its parent, and what it may hold."""

    name: str
    least: int
    most: int | None
    words: frozenset[str] | None = None
    pattern: str | None = None
    children: "tuple[_Rule, ...]" = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
_NAME = r"[^\s,<&]+"
_COORDINATES = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
_PAIR = (_Rule("valueName", 1, 1), _Rule("value", 1, 1))
_AREA = (
    _Rule("areaDesc", 1, 1),
    _Rule("polygon", 0, None, pattern=rf"{_COORDINATES}( {_COORDINATES}){{3,}}"),
    _Rule("circle", 0, None, pattern=rf"{_COORDINATES} \d+(\.\d+)?"),
    _Rule("geocode", 0, None, children=_PAIR),
    _Rule("altitude", 0, 1, pattern=r"-?\d+(\.\d+)?"),
    _Rule("ceiling", 0, 1, pattern=r"-?\d+(\.\d+)?"),
)
_RESOURCE = (
    _Rule("resourceDesc", 1, 1),
    _Rule("mimeType", 1, 1),
    _Rule("size", 0, 1, pattern=r"\d+"),
    _Rule("uri", 0, 1),
    _Rule("derefUri", 0, 1),
    _Rule("digest", 0, 1),
)
_CATEGORIES = _words("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other")
_RESPONSES = _words("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None")
_INFO = (
    _Rule("language", 0, 1, pattern=r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"),
    _Rule("category", 1, None, _CATEGORIES),
    _Rule("event", 1, 1),
    _Rule("responseType", 0, None, _RESPONSES),
    _Rule("urgency", 1, 1, _words("Immediate Expected Future Past Unknown")),
    _Rule("severity", 1, 1, _words("Extreme Severe Moderate Minor Unknown")),
    _Rule("certainty", 1, 1, _words("Observed Likely Possible Unlikely Unknown")),
    _Rule("audience", 0, 1),
    _Rule("eventCode", 0, None, children=_PAIR),
    _Rule("effective", 0, 1, pattern=_TIME),
    _Rule("onset", 0, 1, pattern=_TIME),
    _Rule("expires", 0, 1, pattern=_TIME),
    _Rule("senderName", 0, 1),
    _Rule("headline", 0, 1),
    _Rule("description", 0, 1),
    _Rule("instruction", 0, 1),
    _Rule("web", 0, 1),
    _Rule("contact", 0, 1),
    _Rule("parameter", 0, None, children=_PAIR),
    _Rule("resource", 0, None, children=_RESOURCE),
    _Rule("area", 0, None, children=_AREA),
)
_ALERT = (
    _Rule("identifier", 1, 1, pattern=_NAME),
    _Rule("sender", 1, 1, pattern=_NAME),
    _Rule("sent", 1, 1, pattern=_TIME),
    _Rule("status", 1, 1, _words("Actual Exercise System Test Draft")),
    _Rule("msgType", 1, 1, _words("Alert Update Cancel Ack Error")),
    _Rule("source", 0, 1),
    _Rule("scope", 1, 1, _words("Public Restricted Private")),
    _Rule("restriction", 0, 1),
    _Rule("addresses", 0, 1),
    _Rule("code", 0, None),
    _Rule("note", 0, 1),
    _Rule("references", 0, 1, pattern=rf"{_NAME},{_NAME},{_TIME}( {_NAME},{_NAME},{_TIME})*"),
    _Rule("incidents", 0, 1),
    _Rule("info", 0, None, children=_INFO),
)


def faults(document: bytes) -> list[str]:
    """What is wrong with a CAP document, each with its place; empty when nothing is."""
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        return [f"not XML: {error}"]
    if root.tag != _tag("alert"):
        return [f"the root is {root.tag}, not alert of {NAMESPACE}"]
    return [*_faults_in(root, _ALERT, "alert"), *_faults_of_sense(root)]


def _faults_in(parent: ET.Element, rules: tuple[_Rule, ...], place: str) -> Iterator[str]:
    names = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in parent]
    order = [rule.name for rule in rules]
    known = [name for name in names if name in order]
    yield from (f"{place}/{name}: no such element here" for name in names if name not in order)
    if known != sorted(known, key=order.index):
        yield f"{place}: the order is {', '.join(dict.fromkeys(known))}; it must follow {', '.join(order)}"
    for rule in rules:
        count = names.count(rule.name)
        if count < rule.least:
            yield f"{place}/{rule.name}: missing"
        if rule.most is not None and count > rule.most:
            yield f"{place}/{rule.name}: stands {count} times, at most {rule.most}"
    by_name = {rule.name: rule for rule in rules}
    for child, name in zip(parent, names, strict=True):
        if name in by_name:
            yield from _faults_of(child, by_name[name], f"{place}/{name}")


def _faults_of(element: ET.Element, rule: _Rule, place: str) -> Iterator[str]:
    if rule.children:
        yield from _faults_in(element, rule.children, place)
        return
    text = element.text or ""
    if len(element):
        yield f"{place}: holds elements instead of text"
    if rule.words is not None and text not in rule.words:
        yield f"{place}: {text!r} is none of {', '.join(sorted(rule.words))}"
    if rule.pattern is not None and not re.fullmatch(rule.pattern, text):
        yield f"{place}: {text!r} is not of the form {rule.pattern}"
    if rule.least and not text.strip():
        yield f"{place}: empty"


def _faults_of_sense(root: ET.Element) -> Iterator[str]:
    """What the standard's text asks for beyond the schema."""
    if root.findtext(_tag("scope")) == "Restricted" and not root.findtext(_tag("restriction")):
        yield "alert/restriction: scope Restricted needs it"
    if root.findtext(_tag("scope")) == "Private" and not root.findtext(_tag("addresses")):
        yield "alert/addresses: scope Private needs it"
    if root.findtext(_tag("msgType")) in ("Update", "Cancel") and not root.findtext(_tag("references")):
        yield "alert/references: an Update or Cancel names what it replaces"
    for polygon in root.iter(_tag("polygon")):
        corners = (polygon.text or "").split()
        if corners and corners[0] != corners[-1]:
            yield "alert/info/area/polygon: the last corner must be the first"
    for circle in root.iter(_tag("circle")):
        yield from _faults_of_circle(circle.text or "")


def _faults_of_circle(text: str) -> Iterator[str]:
    if found := re.fullmatch(r"(-?[\d.]+),(-?[\d.]+) .*", text):
        latitude, longitude = float(found[1]), float(found[2])
        if abs(latitude) > 90 or abs(longitude) > 180:
            yield f"alert/info/area/circle: {text!r} is not latitude,longitude radius"
