"""A token bucket never gives more than its rate and one burst."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq._token_bucket import TokenBucket


@given(
    st.floats(0.1, 100),
    st.floats(1, 100),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 50)), max_size=30),
)
def test_it_gives_no_more_than_its_rate_and_one_burst(
    rate: float, capacity: float, steps: list[tuple[float, float]]
) -> None:
    bucket = TokenBucket(rate, capacity)
    passed = taken = 0.0
    for seconds, wanted in steps:
        bucket.refill(seconds)
        passed += seconds
        if not bucket.compute_wait(wanted) and wanted <= capacity:
            bucket.add(-wanted)
            taken += wanted
        assert taken <= (capacity + rate * passed) * (1 + 1e-9) + 1e-6


@given(st.floats(0.1, 100), st.floats(1, 100), st.floats(0, 500), st.floats(0, 200))
def test_after_the_wait_so_much_is_there_or_the_bucket_is_full(
    rate: float, capacity: float, debt: float, wanted: float
) -> None:
    bucket = TokenBucket(rate, capacity)
    bucket.add(-debt)
    bucket.refill(bucket.compute_wait(wanted))
    assert bucket.level >= min(wanted, capacity) - 1e-6


def test_without_a_limit_there_is_no_end_of_it() -> None:
    bucket = TokenBucket()
    bucket.add(-1e300)
    bucket.refill(0.0)
    assert (bucket.level, bucket.compute_wait(1e300)) == (math.inf, 0.0)


def test_a_smaller_size_takes_away_what_is_beyond_and_a_larger_one_gives_nothing() -> None:
    bucket = TokenBucket()
    bucket.resize(2.0, 10.0)
    assert bucket.level == 10.0
    bucket.add(-4.0)
    bucket.resize(4.0, 100.0)
    assert bucket.level == pytest.approx(6.0)
    assert bucket.compute_wait(10.0) == pytest.approx(1.0)
