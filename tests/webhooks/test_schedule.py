import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import ConfigError
from inspectiq._retry_after import parse_retry_after
from inspectiq.webhooks import Endpoint, Pace, Schedule
from inspectiq.webhooks._pace import Breaker, Lane

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


@given(st.integers(0, 30), st.floats(0, 1), st.booleans(), st.none() | st.floats(0, 1e12))
def test_no_wait_is_shorter_than_what_was_asked_for_or_longer_than_allowed(
    attempts: int, random: float, busy: bool, asked: float | None
) -> None:
    schedule = Schedule()
    wait = schedule.draw_wait(attempts, lambda: random, busy=busy, retry_after=asked)
    if attempts >= 10:
        assert wait is None
        return
    assert wait is not None
    plain = schedule.waits[attempts]
    assert wait >= 0.8 * plain - 1e-6
    assert wait <= max(1.2 * plain, 60, 86_400) + 1e-6
    if asked is not None:
        assert wait >= min(asked, 86_400)
    if busy:
        assert wait >= 60


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("1e9", 1e9),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        ("soon", None),
        ("Fri, 15 Jan 2027 08:02:00 GMT", 120),
        ("Fri, 15 Jan 2027 08:02:00 +0100", 0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("Fri, 99 Jan 2027 07:00:00 GMT", None),
        ("Fri, 15 Jan 99999 07:00:00 GMT", None),
        ("\u0661\u0662\u0660", 120),
        ("x" * 10_000, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_is_nothing(
    header: str, seconds: float | None
) -> None:
    assert parse_retry_after({"retry-after": header}, NOW) == seconds


def test_a_breaker_opens_after_failures_in_a_row_and_lets_one_probe_through() -> None:
    breaker = Breaker(failures=3, rest=60)
    for _ in range(2):
        breaker.end(delivered=False, now=0)
    breaker.end(delivered=True, now=0)
    for _ in range(2):
        breaker.end(delivered=False, now=0)
    assert breaker.count_allowed(0) > 1
    breaker.end(delivered=False, now=0)
    assert (breaker.is_open, breaker.count_allowed(59), breaker.compute_wait(50)) == (True, 0, 10)
    assert breaker.count_allowed(60) == 1
    breaker.begin()
    assert breaker.count_allowed(61) == 0
    breaker.end(delivered=False, now=61)
    assert breaker.count_allowed(120) == 0
    assert breaker.count_allowed(121) == 1
    breaker.begin()
    breaker.end(delivered=None, now=121)  # cut off, so nothing is known
    assert breaker.count_allowed(121) == 1
    breaker.begin()
    breaker.end(delivered=True, now=122)
    assert breaker.count_allowed(122) > 1


def a_lane(per_second: float, now: float) -> Lane:
    """A lane that nothing but the rate holds up."""
    pace = Pace(per_second=per_second, in_flight=1_000_000)
    endpoint = Endpoint(url="https://crm.example/hooks")
    return Lane(endpoint, pace, Breaker(failures=3, rest=60), now)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 20)), max_size=30))
def test_a_lane_never_gives_more_than_its_rate_and_one_burst(
    steps: list[tuple[float, int]],
) -> None:
    now, taken, lane = 0.0, 0, a_lane(5, 0.0)
    for wait, wanted in steps:
        now += wait
        count = min(wanted, lane.count_allowed(now))
        for _ in range(count):
            lane.begin()
        taken += count
        assert taken <= 5 + 5 * now + 1e-6


def test_a_lane_whose_clock_jumps_back_goes_on() -> None:
    lane = a_lane(1, 100.0)
    for _ in range(lane.count_allowed(100.0)):
        lane.begin()
    assert lane.count_allowed(50.0) == 0
    assert lane.count_allowed(51.0) == 1


def test_a_lane_says_what_holds_it_up_and_for_how_long() -> None:
    lane = Lane(
        Endpoint(url="https://crm.example/hooks"),
        Pace(per_second=2, in_flight=2),
        Breaker(failures=2, rest=60),
        0.0,
    )
    assert (lane.count_allowed(0.0), lane.lacks_token(0.0)) == (2, False)
    lane.begin()
    lane.begin()
    assert (lane.count_allowed(10.0), lane.lacks_token(10.0)) == (0, False)  # two are in flight
    lane.end(delivered=True, now=10.0)
    lane.end(delivered=None, now=10.0)
    lane.begin()
    lane.begin()
    lane.end(delivered=False, now=10.0)
    assert (lane.count_allowed(10.0), lane.lacks_token(10.0)) == (0, True)
    assert lane.compute_wait(10.0) == 0.5
    lane.end(delivered=False, now=10.0)  # the second failure in a row
    assert (lane.count_allowed(20.0), lane.lacks_token(20.0)) == (0, False)
    assert lane.compute_wait(20.0) == 50


@pytest.mark.parametrize(
    "numbers",
    [
        {"in_flight": 0},
        {"failures": 0},
        {"per_second": 0},
        {"timeout": 0},
        {"rest": -1},
        {"lease": 20},
        {"timeout": 60},
    ],
)
def test_a_pace_that_cannot_work_is_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="Pace"):
        Pace(**numbers)
