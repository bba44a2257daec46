"""Token buckets."""

from hypothesis import given
from hypothesis import strategies as st

from api.auth.bucket import Bucket, Buckets, draw

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND


def test_burst_passes_then_one_for_each_interval() -> None:
    buckets = Buckets(2.0, 3.0)
    assert [buckets.draw("a", T0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.draw("a", T0 + SECOND // 2) == 0.0
    assert buckets.draw("a", T0 + SECOND // 2) > 0.0


def test_callers_do_not_share_and_the_oldest_is_forgotten() -> None:
    buckets = Buckets(1.0, 1.0, room=2)
    assert buckets.draw("a", T0) == 0.0
    assert buckets.draw("b", T0) == 0.0
    assert buckets.draw("a", T0) > 0.0
    buckets.draw("c", T0)
    assert len(buckets) == 2


@given(
    st.floats(0.1, 1000),
    st.integers(1, 100),
    st.lists(st.integers(-(10**9), 3 * 10**9), min_size=1, max_size=200),
)
def test_no_more_pass_than_burst_and_rate_allow(per_s: float, burst: int, gaps: list[int]) -> None:
    now, latest, bucket, passed = T0, T0, None, 0
    for gap in gaps:
        now += gap
        latest = max(latest, now)
        bucket, wait_s = draw(bucket, per_s, float(burst), now)
        passed += wait_s == 0.0
        assert 0.0 <= wait_s <= 1.0 / per_s + 1e-6
    forward = sum(gap for gap in gaps if gap > 0) / SECOND
    assert passed <= burst + forward * per_s + 1


def test_waiting_as_long_as_told_is_enough() -> None:
    bucket, wait_s = draw(Bucket(0.25, T0), 4.0, 10.0, T0)
    assert draw(bucket, 4.0, 10.0, T0 + int(wait_s * SECOND) + 1)[1] == 0.0
