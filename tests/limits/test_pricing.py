from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import ConfigError, Usage
from inspectiq.limits import Pricing

SOL = Pricing(
    input=Decimal(5), cached_input=Decimal("0.5"), cache_write=Decimal("6.25"), output=Decimal(30)
)
counts = st.integers(0, 10_000_000)


def test_each_kind_of_token_has_its_price() -> None:
    usage = Usage(
        input_tokens=1_000_000,
        cached_tokens=400_000,
        cache_write_tokens=100_000,
        output_tokens=10_000,
        reasoning_tokens=9_000,
    )
    assert SOL.compute_usd(usage) == Decimal("2.5") + Decimal("0.2") + Decimal("0.625") + Decimal(
        "0.3"
    )


def test_what_has_no_price_of_its_own_costs_what_other_input_costs() -> None:
    plain = Pricing(input=Decimal(2), output=Decimal(8))
    usage = Usage(input_tokens=1_000_000, cached_tokens=300_000, cache_write_tokens=200_000)
    assert plain.compute_usd(usage) == Decimal(2)


def test_nothing_used_costs_nothing() -> None:
    assert SOL.compute_usd(Usage()) == 0


@given(counts, counts, counts, counts)
def test_a_cost_is_exact_and_adds_up(first: int, second: int, cached: int, output: int) -> None:
    one = Usage(input_tokens=first + cached, cached_tokens=cached, output_tokens=output)
    two = Usage(input_tokens=second, output_tokens=output)
    assert SOL.compute_usd(one) + SOL.compute_usd(two) == SOL.compute_usd(one + two)
    assert 0 <= SOL.compute_usd(one) <= SOL.compute_usd(one.model_copy(update={"cached_tokens": 0}))


def test_a_provider_that_reports_more_cached_than_input_gives_no_credit() -> None:
    assert SOL.compute_usd(Usage(input_tokens=10, cached_tokens=1_000_000)) == Decimal("0.5")


@pytest.mark.parametrize("wrong", [-1, "free", float("nan"), float("inf")])
def test_a_price_is_a_number_of_dollars(wrong: object) -> None:
    with pytest.raises(ConfigError):
        Pricing.model_validate({"input": wrong, "output": 1})


def test_a_price_in_a_file_means_the_digits_that_stand_there() -> None:
    assert Pricing.model_validate({"input": 0.1, "output": 4.4}).output == Decimal("4.4")
