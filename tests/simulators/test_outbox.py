"""The outbox: in order, bounded, never the same id twice, and still there after a sudden death."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.errors import OutboxUnusable
from simulators.outbox import Outbox
from simulators.wire import Message

DEVICE = "E001/GW1"


def _messages(*numbers: int) -> list[Message]:
    return [Message("topic", str(number).encode(), number % 7) for number in numbers]


actions = st.lists(
    st.one_of(st.integers(1, 4), st.sets(st.integers(0, 9), min_size=1, max_size=4)), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(actions=actions)
def test_outbox_is_an_ordered_bounded_list(actions):
    """An integer puts so many messages, a set acknowledges those at its places; a plain list is the twin."""
    made, twin = 0, []
    with Outbox(None, DEVICE, capacity=10) as outbox:
        for action in actions:
            if isinstance(action, int):
                new = _messages(*range(made, made + action))
                fits = len(twin) + action <= 10
                assert outbox.put(new) is fits
                if fits:
                    twin += new
                    made += action
            else:
                waiting = outbox.after(0, 100)
                gone = [one for place, one in enumerate(waiting) if place in action]
                outbox.acknowledge(gone)
                twin = [one for place, one in enumerate(twin) if place not in action]
            waiting = outbox.after(0, 100)
            assert [one.message for one in waiting] == twin
            assert len(outbox) == len(twin)
            assert outbox.samples == sum(one.samples for one in twin)
            assert [one.id for one in waiting] == sorted({one.id for one in waiting})


def test_outbox_never_uses_an_id_twice(tmp_path):
    path = tmp_path / "outbox.sqlite"
    with Outbox(path, DEVICE, 10) as outbox:
        outbox.put(_messages(1, 2))
        last = outbox.after(0, 10)
        outbox.acknowledge(last)
    with Outbox(path, DEVICE, 10) as outbox:
        outbox.put(_messages(3))
        assert outbox.after(0, 10)[0].id > last[-1].id


def test_outbox_reads_on_behind_an_id():
    with Outbox(None, DEVICE, 10) as outbox:
        outbox.put(_messages(*range(5)))
        first = outbox.after(0, 2)
        assert [one.message.payload for one in outbox.after(first[-1].id, 2)] == [b"2", b"3"]


def test_outbox_survives_the_sudden_death_of_its_process(tmp_path):
    path = tmp_path / "outbox.sqlite"
    program = (
        "import os, sys; from simulators.outbox import Outbox; from simulators.wire import Message\n"
        "box = Outbox(sys.argv[1], 'E001/GW1', 100)\n"
        "[box.put([Message('t', str(i).encode(), 1)]) for i in range(20)]; os._exit(9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == 9
    with Outbox(path, DEVICE, 100) as outbox:
        assert [one.message.payload for one in outbox.after(0, 100)] == [str(i).encode() for i in range(20)]


def test_outbox_that_another_simulator_uses_is_refused(tmp_path):
    path = tmp_path / "outbox.sqlite"
    with Outbox(path, DEVICE, 10) as outbox:
        outbox.put(_messages(1))
        with pytest.raises(OutboxUnusable, match="is another simulator using it"):
            Outbox(path, DEVICE, 10)


def test_outbox_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(OutboxUnusable, match="unable to open"):
        Outbox(tmp_path / "nowhere" / "outbox.sqlite", DEVICE, 10)
