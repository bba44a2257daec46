"""Native JSON: the fast lane against the careful codec, and the careful codec against everything."""

import json
import math
import re
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.quality import NAMES, Quality
from gateway.codecs import codecs, json_kernel
from gateway.codecs.contract import MISSING_TIME, Decoded
from gateway.codecs.native_json import CODEC
from gateway.mqtt import wire
from tests.gateway.plain_kernels import Guarded, as_plain

TAGS = {"a": 7, "LT1": 1, "TK101.LT01": 2, "液位3": 3, "x y": 4}
TOPIC = b"d"
NOW_MS = 1_763_800_000_000

plain_decode = as_plain(json_kernel.decode)


def fast(payload: bytes, tag: str | None = None, *, plain: bool = False) -> Decoded | None:
    """What the fast lane makes of one payload; None when it gives up."""
    topic = TOPIC + (f"/{tag}".encode() if tag else b"")
    raw = topic + payload
    frame = np.zeros((1, wire.FIELDS), np.int64)
    frame[0, wire.TOPIC_END] = frame[0, wire.PAYLOAD] = len(topic)
    frame[0, wire.END] = len(raw)
    frame[0, wire.ROUTE] = wire.SINGLE if tag else wire.DATA
    room = len(raw) // 6 + 1
    out = json_kernel.Columns(np.zeros(room, np.int32), np.zeros(room, np.int64), np.zeros(room))
    slow = np.zeros((1, 2), np.int64)
    buffer = Guarded(raw) if plain else np.frombuffer(raw, np.uint8)
    decode = plain_decode if plain else json_kernel.decode
    table = json_kernel.make_table(TAGS)
    with np.errstate(over="ignore"):
        found, left, serial = decode(buffer, frame, 1, len(TOPIC), 10_000, table, 5, out, slow)
    assert serial >= 5
    if left:
        assert (left, found) == (1, 0)
        return None
    columns = (out.point[:found].tolist(), out.source_time[:found].tolist(), out.value[:found].tolist())
    return Decoded(*columns, [int(Quality.GOOD)] * found)


def bits(values: list[float]) -> list[bytes]:
    return [struct.pack("<d", value) for value in values]


def same(left: Decoded, right: Decoded) -> bool:
    return (
        left.point == right.point
        and left.source_time == right.source_time
        and bits(left.value) == bits(right.value)
        and left.quality == right.quality
        and left.refusals == right.refusals
    )


space = st.sampled_from(["", "", "", " ", "\n", "\t \r"])
sign = st.sampled_from(["", "", "-"])
digits = st.text("0123456789", min_size=1, max_size=19)
exponents = st.sampled_from(["", "", "e5", "E+3", "e-22", "e23", "e-5", "e0003", "E-310", "e400", "e"])
spelled = st.builds(
    lambda s, whole, part, e: s + whole + part + e,
    sign,
    digits | st.integers(0, 10**17).map(str),
    st.just("") | digits.map(lambda d: "." + d),
    exponents,
)
odd = st.sampled_from(
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        '"1"',
        "01",
        "+1",
        ".5",
        "5.",
        "-",
        "[1]",
        "{}",
        "-0",
        "-0.0",
    ]
)
numbers = (
    spelled
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.floats(-1e4, 1e4).map(lambda f: f"{f:.3f}")
    | st.integers(-(2**60), 2**60).map(str)
    | odd
)
times = st.integers(0, 2**45).map(str) | st.just(str(NOW_MS)) | st.integers(0, 2**70).map(str) | numbers
names = st.sampled_from([*TAGS, "unknown", "a", "LT1"]) | st.text(max_size=3)


@st.composite
def quoted(draw: st.DrawFn, name: str) -> str:
    escaped = "".join(
        f"\\u{ord(c):04x}"
        if c in '"\\' or ord(c) < 32 or (ord(c) < 0x10000 and draw(st.integers(0, 30)) == 0)
        else c
        for c in name
    )
    return f'"{escaped}"'


@st.composite
def objects(draw: st.DrawFn, single: bool) -> str:
    gap = lambda: draw(space)  # noqa: E731
    if single:
        value = draw(numbers)
    else:
        pairs = [
            f"{gap()}{draw(quoted(draw(names)))}{gap()}:{gap()}{draw(numbers)}{gap()}"
            for _ in range(draw(st.integers(0, 4)))
        ]
        value = "{" + ",".join(pairs) + "}"
    members = [f'"v"{gap()}:{gap()}{value}{gap()}']
    if draw(st.booleans()):
        members.append(f'"t"{gap()}:{gap()}{draw(times)}{gap()}')
    if draw(st.integers(0, 5)) == 0:
        quality = draw(st.sampled_from(['"good"', '"bad"', '"?"', "1", "null"]))
        members.append(f'"q":{quality if single else f"{{{draw(quoted(draw(names)))}:{quality}}}"}')
    if draw(st.integers(0, 15)) == 0:
        members.append(draw(st.sampled_from(['"t": 1', '"v": 2', '"w": 1', '"": 0'])))
    return gap() + "{" + gap() + f",{gap()}".join(draw(st.permutations(members))) + "}" + gap()


@st.composite
def payloads(draw: st.DrawFn, single: bool) -> bytes:
    if draw(st.integers(0, 3)):
        text = draw(objects(single))
    else:
        text = "[" + ",".join(draw(st.lists(objects(single), max_size=3))) + "]"
    raw = bytearray(text.encode())
    if draw(st.integers(0, 3)) == 0:
        for _ in range(draw(st.integers(1, 3))):
            at = draw(st.integers(0, max(len(raw) - 1, 0)))
            raw[at : at + draw(st.integers(0, 1))] = draw(st.binary(max_size=1))
    return bytes(raw)


forms = st.sampled_from([None, "LT1", "液位3", "unknown"])
cases = forms.flatmap(lambda tag: st.tuples(st.just(tag), payloads(tag is not None)))


@settings(max_examples=500, deadline=None)
@given(cases)
@example((None, b'{"v":{"LT1":-0}}'))
@example((None, b'{"v":{"LT1":-0.0}}'))
@example(("LT1", b'{"v":9007199254740993}'))
@example(("LT1", b'{"v":1e23}'))
@example(("LT1", b'{"v":0.1e-22}'))
@example(("LT1", b'{"t":9223372036854,"v":1}'))
@example(("LT1", b'{"t":9223372036855,"v":1}'))
def test_whatever_the_fast_lane_takes_the_careful_codec_takes_bit_for_bit(case):
    tag, payload = case
    found = fast(payload, tag)
    if found is not None:
        assert same(found, CODEC.decode(payload, tag, TAGS))
        assert found.refusals == []


@settings(max_examples=150, deadline=None)
@given(cases)
def test_fast_lane_compiled_and_plain_agree_and_never_read_outside(case):
    tag, payload = case
    left, right = fast(payload, tag), fast(payload, tag, plain=True)
    assert (left is None) == (right is None)
    if left is not None and right is not None:
        assert same(left, right)


@settings(max_examples=150, deadline=None)
@given(st.floats(-1e6, 1e6).map(lambda f: f"{f:.4f}"), st.integers(NOW_MS - 10**9, NOW_MS + 10**9))
def test_fast_lane_takes_what_instruments_send(value, time):
    for tag, payload in (
        (None, f'{{"t":{time},"v":{{"LT1":{value},"a":1}}}}'),
        ("LT1", f'{{"t":{time},"v":{value}}}'),
    ):
        found = fast(payload.encode(), tag)
        assert found is not None
        assert bits(found.value[:1]) == bits([float(value) + 0.0])
        assert found.source_time[0] == time * 1_000_000


@settings(max_examples=250, deadline=None)
@given(forms, st.binary(max_size=60))
@example(None, b"")
@example(None, b"[]")
@example(None, "{}".encode("utf-16"))
@example(None, b'{"v": {"\\ud800": 1}}')
@example("LT1", b'{"v": {"a": [[]]}}')
def test_careful_codec_never_raises_on_any_bytes(tag, payload):
    found = CODEC.decode(payload, tag, TAGS)
    assert len(found.point) == len(found.value) == len(found.source_time) == len(found.quality)
    assert set(found.point) <= set(TAGS.values())
    for refusal in found.refusals:
        f"{refusal.tag} {refusal.reason.stored}".encode()
        assert "\n" not in refusal.reason.stored


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=250, deadline=None)
@given(forms, st.dictionaries(st.sampled_from(["v", "t", "q", "w"]), json_values) | json_values)
def test_careful_codec_takes_or_refuses_any_json(tag, message):
    payload = json.dumps(message).encode()
    found = CODEC.decode(payload, tag, TAGS)
    for refusal in found.refusals:
        f"{refusal.tag} {refusal.reason.stored}".encode()
    if message == []:
        return
    values = message.get("v") if isinstance(message, dict) else None
    assert found.point or found.refusals or values == {}, "nothing is passed over in silence"


def reasons(payload: str | bytes, tag: str | None = None) -> list[tuple[str, str]]:
    raw = payload if isinstance(payload, bytes) else payload.encode()
    assert fast(raw, tag) is None
    found = [(refusal.tag, refusal.reason) for refusal in CODEC.decode(raw, tag, TAGS).refusals]
    for _, reason in found:
        is_chinese = re.compile("[\u4e00-\u9fff]").search
        assert is_chinese(reason.chinese), "whoever reads Chinese is told too"
        assert not is_chinese(reason.english)
    return [(tag, reason.english) for tag, reason in found]


@pytest.mark.parametrize(
    ("payload", "tag", "words"),
    [
        ('{"v": {"NONE": 1}}', "NONE", "the register has no such tag"),
        ('{"v": {"a": "1"}}', "a", "give a JSON number"),
        ('{"v": {"a": true}}', "a", "value is True: give a JSON number"),
        ('{"v": {"a": [1]}}', "a", "value is a list: give a JSON number"),
        ('{"v": {"a": NaN}}', "a", "give a finite number"),
        ('{"v": {"a": Infinity}}', "a", "give a finite number"),
        ('{"v": {"a": -Infinity}}', "a", "give a finite number"),
        ('{"v": {"a": 1e999}}', "a", "give a finite number"),
        ('{"v": {"a": ' + "9" * 400 + "}}", "a", "give a finite number"),
        ('{"v": {"a": ' + "9" * 5000 + "}}", "a", "give a finite number"),
        ('{"v": {"a": 1, "a": 2}}', "a", "comes more than once"),
        ('{"v": {"a": 1}, "q": {"a": "excellent"}}', "a", "use one of good"),
        ('{"v": {"a": 1}, "q": {"a": 3}}', "a", "use one of good"),
        ('{"v": {}, "q": {"a": "good"}}', "a", "quality without a value"),
        ('{"v": {"\\ud800": 1}}', "\\ud800", "the register has no such tag"),
    ],
)
def test_bad_value_is_refused_alone_with_its_tag(payload, tag, words):
    ((found, reason),) = reasons(payload)
    assert found == tag
    assert words in reason
    beside = payload.replace('"v": {', '"v": {"LT1": 4, ').replace(", }", "}")
    decoded = CODEC.decode(beside.encode(), None, TAGS)
    assert (decoded.point, decoded.value) == ([1], [4.0]), "one bad value does not condemn the good one"
    assert [refusal.tag for refusal in decoded.refusals] == [tag]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ('{"v": {"a": 1}} x', "is not JSON"),
        (b'{"v": {"a\xff": 1}}', "is not JSON"),
        ('{"v": {"a": 1}}'.encode("utf-16"), "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"v":' * 50_000, "is not JSON"),
        ('{"v": {"a": ' + "[" * 900 + "]" * 900 + "}}", None),
        ("7", "message is 7: give an object"),
        ('"v"', "give an object"),
        ('{"a": 1}', "unknown member 'a'"),
        ('{"t": 5}', "member v is missing"),
        ('{"v": 5}', "name the tag in the topic"),
        ('{"v": {"a": 1}, "w": 2}', "unknown member 'w'"),
        ('{"v": {"a": 1}, "v": {"a": 1}}', "member 'v' comes twice"),
        ('{"v": {"a": 1}, "q": []}', "q is a list"),
        ('{"v": {"a": 1}, "t": "2026"}', "give an integer of milliseconds"),
        ('{"v": {"a": 1}, "t": 1.5}', "give an integer of milliseconds"),
        ('{"v": {"a": 1}, "t": true}', "give an integer of milliseconds"),
        ('{"v": {"a": 1}, "t": -1}', "not seconds, microseconds or nanoseconds"),
        ('{"v": {"a": 1}, "t": 1763800000000000000}', "not seconds, microseconds or nanoseconds"),
    ],
)
def test_message_that_cannot_be_used_is_refused_as_a_whole(payload, words):
    ((tag, reason),) = reasons(payload)
    if words is None:  # nested so deep that one parser gives up and another does not: refused either way
        assert reason
        return
    assert tag == ""
    assert words in reason


def test_good_message_of_a_list_is_taken_beside_a_bad_one():
    payload = b'[{"t": 1, "v": {"a": 1}}, {"t": "x", "v": {"a": 2}}, {"t": 3, "v": {"LT1": 3, "NONE": 4}}]'
    found = CODEC.decode(payload, None, TAGS)
    assert (found.point, found.value, found.source_time) == ([7, 1], [1.0, 3.0], [1_000_000, 3_000_000])
    assert [refusal.tag for refusal in found.refusals] == ["", "NONE"]


def test_same_tag_in_two_messages_of_a_list_is_no_repetition():
    payload = b'[{"t": 1, "v": {"a": 1}}, {"t": 2, "v": {"a": 2}}]'
    found = fast(payload)
    assert found is not None
    assert found.value == [1.0, 2.0]
    assert same(found, CODEC.decode(payload, None, TAGS))


@pytest.mark.parametrize("name", list(NAMES))
def test_every_quality_of_the_wire_is_taken_with_todays_time(name):
    payload = f'{{"t": {NOW_MS}, "v": {{"a": 1.5, "LT1": 2}}, "q": {{"a": "{name}"}}}}'.encode()
    assert fast(payload) is None
    found = CODEC.decode(payload, None, TAGS)
    assert found.refusals == []
    assert found.source_time == [NOW_MS * 1_000_000] * 2
    assert found.quality == [NAMES[name], Quality.GOOD]
    single = CODEC.decode(f'{{"t": {NOW_MS}, "v": 1.5, "q": "{name}"}}'.encode(), "a", TAGS)
    assert (single.point, single.quality, single.refusals) == ([7], [NAMES[name]], [])


def test_value_that_is_missing_is_a_bad_sample():
    found = CODEC.decode(b'{"v": {"a": null, "LT1": null}, "q": {"LT1": "bad_sensor_failure"}}', None, TAGS)
    assert found.quality == [Quality.BAD, Quality.BAD_SENSOR_FAILURE]
    assert all(math.isnan(value) for value in found.value)
    assert found.source_time == [MISSING_TIME] * 2


def test_object_with_many_repeated_names_is_refused_quickly():
    # Counting each name over all names would take minutes here.
    payload = ('{"v": {' + ",".join(f'"n{i % 15_000}":1' for i in range(30_000)) + "}}").encode()
    assert len(CODEC.decode(payload, None, TAGS).refusals) == 15_000


def test_payload_beyond_the_limit_is_left_to_the_careful_codec():
    frame = np.zeros((1, wire.FIELDS), np.int64)
    raw = b'{"v":{"a":1}}'
    frame[0, wire.END], frame[0, wire.ROUTE] = len(raw), wire.DATA
    out = json_kernel.Columns(np.zeros(9, np.int32), np.zeros(9, np.int64), np.zeros(9))
    slow = np.zeros((1, 2), np.int64)
    table = json_kernel.make_table(TAGS)
    for limit, left in ((len(raw), 0), (len(raw) - 1, 1)):
        found = json_kernel.decode(np.frombuffer(raw, np.uint8), frame, 1, 1, limit, table, 0, out, slow)
        assert found[1] == left


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=40),
    st.lists(st.text(max_size=6), max_size=20),
)
def test_tag_table_finds_every_tag_and_no_other(tags, others):
    table = json_kernel.make_table({tag: i + 100 for i, tag in enumerate(tags)})
    for name in [*tags, *others]:
        raw = np.frombuffer(b"?" + name.encode() + b"?", np.uint8)
        found = json_kernel._find(table, raw, 1, len(raw) - 1)
        assert found == (tags.index(name) if name in tags else -1)


def test_codec_is_registered_by_its_presence():
    assert codecs()["json"] is CODEC
    assert set(codecs()) >= {"json"}
