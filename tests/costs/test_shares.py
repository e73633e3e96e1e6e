from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inspectiq.costs._shares import split_amount

COIN = Decimal("0.01")
money = st.integers(0, 10**6).map(lambda cents: Decimal(cents) * COIN)


@given(money, st.lists(money, min_size=1, max_size=8))
def test_parts_add_up_and_lie_within_a_coin_of_their_share(
    whole: Decimal, weights: list[Decimal]
) -> None:
    parts = split_amount(whole, weights, [str(place) for place in range(len(weights))], COIN)
    assert sum(parts) == whole
    total = sum(weights)
    if total:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - whole * weight / total) < COIN


@given(money, st.lists(money, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_each_gets_the_same_whatever_the_order(
    whole: Decimal, weights: list[Decimal], random: Random
) -> None:
    named = [(weight, str(place)) for place, weight in enumerate(weights)]
    mixed = random.sample(named, len(named))

    def parts(entries: list[tuple[Decimal, str]]) -> dict[str, Decimal]:
        ties = [tie for _, tie in entries]
        split = split_amount(whole, [weight for weight, _ in entries], ties, COIN)
        return dict(zip(ties, split, strict=True))

    assert parts(named) == parts(mixed)


def test_without_weights_the_parts_are_equal() -> None:
    assert split_amount(Decimal("0.05"), [Decimal(0)] * 3, ["b", "a", "c"], COIN) == [
        Decimal("0.02"),
        Decimal("0.02"),
        Decimal("0.01"),
    ]
