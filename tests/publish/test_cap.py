"""Warnings as CAP 1.2: what is written passes the rules of the schema, and every kind of fault is named."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.publish.cap import NAMESPACE, Area, Info, Message, faults, write

SENT = "2026-06-21T08:10:34+08:00"
INFO = Info(
    language="zh-CN",
    categories=("CBRNE", "Safety"),
    event="重大危险源预警",
    response_types=("Prepare",),
    urgency="Immediate",
    severity="Severe",
    certainty="Observed",
    onset=SENT,
    headline="橙色预警",
    description="储罐区 <一号> & 二号",
    parameters=(("warning_level", "orange"),),
    areas=(Area(name="储罐区", longitude=117.7, latitude=38.95, radius_km=1.5),),
)
MESSAGE = Message(
    identifier="w1.1", sender="desk@bureau.example", sent=SENT, restriction="应急部门", infos=(INFO,)
)


def changed(old: str, new: str) -> list[str]:
    text = write(MESSAGE).decode()
    assert old in text
    return faults(text.replace(old, new, 1).encode())


def test_a_written_message_has_no_fault_and_says_what_it_was_given() -> None:
    document = write(MESSAGE)
    assert faults(document) == []
    root = ET.fromstring(document)
    found = {child.tag.partition("}")[2]: child.text for child in root.iter() if child.text}
    assert found["description"] == "储罐区 <一号> & 二号"
    assert found["circle"] == "38.950000,117.700000 1.5"
    assert found["severity"] == "Severe"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<identifier>w1.1</identifier>", "", "alert/identifier: missing"),
        ("<identifier>w1.1", "<identifier>w 1", "alert/identifier: 'w 1' is not of the form"),
        (SENT, "2026-06-21T00:10:34Z", "alert/sent: '2026-06-21T00:10:34Z' is not of the form"),
        (">Actual<", ">Real<", "alert/status: 'Real' is none of Actual"),
        ("<status>Actual</status>", "<status>Actual</status><status>Test</status>", "stands 2 times"),
        ("<msgType>Alert", "<msgType>Update", "names what it replaces"),
        ("<restriction>应急部门</restriction>", "", "scope Restricted needs it"),
        ("<scope>Restricted", "<scope>Private", "scope Private needs it"),
        ("<language>zh-CN</language>", "<language>zh_CN</language>", "alert/info/language"),
        ("<category>CBRNE", "<category>Chemical", "'Chemical' is none of"),
        ("<urgency>Immediate</urgency>", "", "alert/info/urgency: missing"),
        ("<event>重大危险源预警</event>", "<event> </event>", "alert/info/event: empty"),
        ("<headline>", "<title>t</title><headline>", "alert/info/title: no such element here"),
        ("38.950000,117.700000", "117.700000,38.950000", "is not latitude,longitude radius"),
        ("<circle>", "<polygon>1,2 3,4</polygon><circle>", "alert/info/area/polygon"),
        ("<circle>", "<polygon>1,2 3,4 5,6 1,3</polygon><circle>", "the last corner must be the first"),
        ("<value>orange</value>", "", "alert/info/parameter/value: missing"),
        (NAMESPACE, "urn:other", "not alert of"),
        ("</info>", "", "not XML"),
    ],
)
def test_each_departure_from_the_schema_is_named(old: str, new: str, said: str) -> None:
    assert said in "; ".join(changed(old, new))


def test_elements_in_another_order_are_a_fault() -> None:
    text = write(MESSAGE).decode()
    swapped = text.replace(
        f"<sent>{SENT}</sent><status>Actual</status>", f"<status>Actual</status><sent>{SENT}</sent>"
    )
    assert "the order is" in faults(swapped.encode())[0]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), name=st.text(min_size=1, max_size=30).filter(str.strip))
def test_any_text_of_a_person_gives_a_valid_document(text: str, name: str) -> None:
    import msgspec

    info = msgspec.structs.replace(INFO, headline=text, description=name, contact=text + name)
    document = write(msgspec.structs.replace(MESSAGE, infos=(info,), note=text))
    assert faults(document) == []
