"""What a person reads: complete, Chinese first, cut with notice, and harmless."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Priority
from api.alarms.model import Alarm, Facts, Place, RuleCopy
from api.alarms.naming import QUALITY_NAMES, measured
from api.bilingual import SIGN, both, halves
from api.catalogue import Catalogue
from api.notify.cutting import cut_bytes, cut_characters, one_line
from api.notify.digest import Form
from api.notify.facts import providers
from api.notify.shipping import compose
from api.notify.texts import alarm_text, subject_of
from detectors.quality import Quality
from tests.api.plant import SITE, T0
from tests.notify.desk import message

CATALOGUE = Catalogue(SITE, ())


def alarm(point: str = "acme/TK101.LT01", rule: str = "acme/TK101.LT01/HH", **more) -> Alarm:
    copy = RuleCopy(
        name="液位高高",
        name_en="Level high-high",
        alarm_class="process",
        priority=Priority.CRITICAL,
        consequence="储罐可能冒顶。",
        response="停止进料。",
        time_to_respond_s=600,
        place=Place(enterprise="acme", installation="tank-farm", unit="TK101"),
    )
    fields = {"id": "alarm1", "point": point, "rule": rule, "onset": T0, "gateway": "gw1"}
    fields |= {
        "raised_time": T0,
        "received_time": T0,
        "facts": Facts(active=True),
        "copy": copy,
        "value": 96.5,
    }
    return Alarm(**(fields | more))


def test_alarm_says_what_where_value_since_priority_and_response() -> None:
    text = alarm_text("alarm", subject_of(alarm(), CATALOGUE))
    assert text.title.startswith("【紧急】报警：液位高高")
    for part in (
        "报警：液位高高",
        "Alarm: Level high-high",
        "示例化工 / 储罐区 / 一号储罐 / 液位 TK101.LT01",
        "96.5 %",
        "2025-06-15 23:06:40 (UTC+08:00)",
        "优先级：紧急",
        "Priority: critical",
        "储罐可能冒顶。",
        "停止进料。",
        "10 分钟内",
    ):
        assert part in text.body, part
    assert text.parameters["value"] == "96.5 %"


def test_unit_is_written_as_people_read_it() -> None:
    first = SITE.points[0]
    warm = msgspec.structs.replace(first, quantity="temperature", engineering_unit="degC")
    site = msgspec.structs.replace(SITE, points=(warm, *SITE.points[1:]))
    text = alarm_text("alarm", subject_of(alarm(point=warm.id), Catalogue(site, ())))
    assert text.parameters["value"] == "96.5 °C"
    assert "degC" not in text.title + text.body


@pytest.mark.parametrize(
    ("span", "value", "read"),
    [
        (12, 11.8937, "11.89"),
        (100, 57.39871, "57.4"),
        (1000, -0.2, "0"),
        (0.5, 0.12345, "0.1235"),
        (0, 7, "7.0000"),
    ],
)
def test_value_has_the_decimals_that_the_range_deserves_and_no_sign_before_nothing(span, value, read) -> None:
    point = msgspec.structs.replace(SITE.points[0], engineering_unit="m", range_low=0, range_high=span)
    assert measured(value, point) == f"{read} m"
    assert measured(value, None) == f"{value:.6g}"


def test_english_of_what_to_do_follows_all_that_is_chinese() -> None:
    first = alarm()
    english = {"consequence_en": "The tank may overflow.", "response_en": "Stop the feed."}
    told = msgspec.structs.replace(first, copy=msgspec.structs.replace(first.copy, **english))
    body = alarm_text("alarm", subject_of(told, CATALOGUE)).body
    assert (
        body.index("停止进料。")
        < body.index("Consequence: The tank")
        < body.index("Response (within 10 min): Stop the feed.")
    )
    only = msgspec.structs.replace(first.copy, consequence="", response="", **english)
    body = alarm_text("alarm", subject_of(msgspec.structs.replace(first, copy=only), CATALOGUE)).body
    assert all("Stop the feed." in half for half in halves(body))


@pytest.mark.parametrize(
    ("within_s", "read"), [(90, "1.5 min"), (100, "100 s"), (5400, "1.5 h"), (4000, "4000 s"), (None, "")]
)
def test_time_to_respond_is_told_in_a_unit_without_long_fractions(within_s, read) -> None:
    first = alarm()
    told = msgspec.structs.replace(
        first,
        copy=msgspec.structs.replace(first.copy, time_to_respond_s=within_s, response_en="Stop the feed."),
    )
    body = alarm_text("alarm", subject_of(told, CATALOGUE)).body
    assert (f"Response (within {read}): Stop" if read else "Response: Stop") in body


def test_kind_of_message_stands_in_front() -> None:
    subject = subject_of(alarm(), CATALOGUE)
    assert "恢复正常" in alarm_text("returned", subject).title
    assert "叫应" in alarm_text("call_up", subject).title


def test_bad_quality_and_unknown_points_are_told() -> None:
    bad = subject_of(alarm(quality="uncertain_over_range"), CATALOGUE)
    assert halves(bad.value) == ("96.5 %（超量程）", "96.5 % (over its range)")
    assert set(QUALITY_NAMES) == {quality.name.lower() for quality in Quality} - {"good"}
    unknown = subject_of(alarm(point="acme/XX", value=None), CATALOGUE)
    assert unknown.value == ""
    assert "acme/XX" in unknown.where


@given(st.text(max_size=300), st.integers(0, 200))
def test_cut_text_fits_and_is_never_half_a_character(text, most) -> None:
    cut = cut_bytes(text, most)
    assert len(cut.encode()) <= most
    assert cut == text or len(text.encode()) > most
    assert len(cut_characters(text, most)) <= max(most, 1)


def test_cut_is_told_and_made_at_a_line_end() -> None:
    text = "\n".join(["一" * 20] * 10)
    cut = cut_bytes(text, 300)
    assert cut.endswith("…（已截断 cut）")
    assert cut.removesuffix("…（已截断 cut）").split("\n")[-1] == "一" * 20


@given(st.text(max_size=60))
def test_title_is_one_line_whatever_it_was(text) -> None:
    line = one_line(text)
    assert not set(line) & set("\r\n\t\x00\x7f\u2028\u2029")


def test_link_survives_every_cap() -> None:
    link = "https://watch.example/a/" + "k" * 40
    long = message(body="很" * 60_000, title="很" * 500, detail={"link": link})
    for channel, facts in providers().items():
        sent = compose("single", [long], facts, 0)
        assert sent.link == link
        assert len(sent.title) <= facts.title_characters
        assert len(sent.body.encode()) + len(link) <= facts.body_bytes, channel


def test_facts_of_every_channel_have_a_source() -> None:
    for channel, facts in providers().items():
        assert len(facts.source) > 20, channel
        assert set(facts.unverified) <= set(facts.codes), channel
    assert msgspec.structs.asdict(providers()["dingtalk"].rate) == {"messages": 20, "per_s": 60}


@pytest.mark.parametrize("form", ["single", "bundle", "digest"])
def test_no_separator_of_the_languages_leaves_the_house(form: Form) -> None:
    text = alarm_text("alarm", subject_of(alarm(quality="uncertain_over_range"), CATALOGUE))
    note = both("交接说明", "hand-over")
    one = message("m1", title=text.title, body=text.body, detail={"parameters": text.parameters})
    other = message("m2", title=both("【查岗】请应答", "[duty check] please answer"), body=note)
    for facts in providers().values():
        told = compose(form, [one, other], facts, 0)
        assert SIGN not in msgspec.json.encode(told).decode()
        assert told.title.startswith("【")


def test_what_is_sent_is_chinese_first_and_loses_its_english_first() -> None:
    title, body = (
        both("【查岗】请应答", "[duty check] please answer"),
        both("值班人员登录应答。", "Log in and answer."),
    )
    facts = msgspec.structs.replace(next(iter(providers().values())), body_bytes=4000)
    told = compose("single", [message("m1", title=title, body=body)], facts, 0)
    assert (told.title, told.body) == (
        "【查岗】请应答",
        "值班人员登录应答。\n[duty check] please answer\nLog in and answer.",
    )
    short = msgspec.structs.replace(facts, body_bytes=len(told.body.encode()) - 1)
    assert compose("single", [message("m1", title=title, body=body)], short, 0).body.startswith(
        "值班人员登录应答。"
    )
