import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.limits import LocalRateLimiter, NullRateLimiter, RateLimiter, RateSnapshot

NAMES = [
    f"x-ratelimit-{what}-{unit}"
    for what in ("limit", "remaining", "reset")
    for unit in ("requests", "tokens")
]


def test_a_snapshot_reads_what_the_provider_says() -> None:
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "1m20s",
        "X-RateLimit-Limit-Tokens": " 30000 ",
        "X-RateLimit-Remaining-Tokens": "0",
        "X-RateLimit-Reset-Tokens": "6m0s",
        "x-request-id": "req_1",
    }
    assert RateSnapshot.from_headers(headers) == RateSnapshot(
        limit_requests=500,
        remaining_requests=499,
        reset_requests=80.0,
        limit_tokens=30000,
        remaining_tokens=0,
        reset_tokens=360.0,
    )


def test_nothing_said_is_nothing_known() -> None:
    assert RateSnapshot.from_headers({}) == RateSnapshot()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("12ms", 0.012),
        ("1h2m3.5s", 3723.5),
        ("0s", 0.0),
        ("8.64s", 8.64),
        ("1d", 86400.0),
        ("1m30.951s", 90.951),
        ("350µs", 0.00035),
    ],
)
def test_a_reset_is_read_in_seconds(text: str, seconds: float) -> None:
    snapshot = RateSnapshot.from_headers({"x-ratelimit-reset-tokens": text})
    assert snapshot.reset_tokens == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "60", "-1s", "1.s", "s", "6m 0s", "1e3s", "9" * 400])
def test_a_reset_that_cannot_be_read_is_not_known(text: str) -> None:
    assert RateSnapshot.from_headers({"x-ratelimit-reset-tokens": text}).reset_tokens is None


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5", "1,000", "٣", "9" * 400])
def test_a_count_that_cannot_be_read_is_not_known(text: str) -> None:
    assert RateSnapshot.from_headers({"x-ratelimit-limit-tokens": text}).limit_tokens is None


@given(st.dictionaries(st.sampled_from(NAMES), st.text(alphabet="0123456789hmsµ.- x", max_size=30)))
def test_whatever_the_headers_are_numbers_are_finite_and_not_negative(
    headers: dict[str, str],
) -> None:
    snapshot = RateSnapshot.from_headers(headers)
    for name in RateSnapshot.__slots__:
        number = getattr(snapshot, name)
        assert number is None or 0 <= number < 1e16


def test_ours_are_limiters_to_the_protocol() -> None:
    for limiter in (LocalRateLimiter(), NullRateLimiter()):
        assert isinstance(limiter, RateLimiter)
