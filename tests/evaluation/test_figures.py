"""Figures are those of scikit-learn, statsmodels and pycocotools; intervals cover what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint

from inspectiq.evaluation import Label, LabelledPhoto, Labels, evaluate
from inspectiq.evaluation._intervals import (
    bootstrap,
    compute_wilson,
    make_share,
    make_statistic,
    resample,
)
from inspectiq.evaluation._scoring import compute_kappa
from tests.evaluation.made import TYPES, make_finding, make_result

NONE = "none"
kinds = st.sampled_from((*TYPES, NONE))
CLOSE = 1e-9


@settings(max_examples=50)
@given(st.lists(st.tuples(kinds, kinds), min_size=30, max_size=120))
def test_precision_and_recall_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    results, photos = [], []
    for number, (truth, found) in enumerate(pairs):
        findings = [] if found == NONE else [make_finding(found, "p1")]
        results.append(make_result(f"c{number}", findings))
        labels = () if truth == NONE else (Label(truth),)
        photos.append(LabelledPhoto(f"c{number}", "p1", labels))
    made = {one.name: one for one in evaluate(results, Labels(photos)).by_type}
    truths, founds = zip(*pairs, strict=True)
    theirs = precision_recall_fscore_support(truths, founds, labels=TYPES, zero_division=0)
    for name, precision, recall, _, support in zip(TYPES, *theirs, strict=True):
        if name not in made:
            assert support == 0
            continue
        for figure, value in ((made[name].precision, precision), (made[name].recall, recall)):
            share = (figure.hits or 0) / figure.n if figure.n else 0
            assert share == pytest.approx(value, abs=CLOSE)
            if figure.n >= 30:
                assert figure.value == pytest.approx(value, abs=CLOSE)
        assert made[name].recall.n == support


levels = st.integers(0, 3)


@settings(max_examples=100)
@given(st.lists(st.tuples(levels, levels), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    table = np.zeros(16)
    for truth, given_ in pairs:
        table[truth * 4 + given_] += 1
    ours = float(compute_kappa(table, 4))
    truths, graded = zip(*pairs, strict=True)
    if len(set(truths + graded)) == 1:
        assert np.isnan(ours)
    else:
        theirs = cohen_kappa_score(truths, graded, labels=[0, 1, 2, 3], weights="quadratic")
        assert ours == pytest.approx(theirs, abs=CLOSE)


@given(st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_that_of_statsmodels(counts: tuple[int, int]) -> None:
    hits, n = counts
    theirs = proportion_confint(hits, n, alpha=0.05, method="wilson")
    assert compute_wilson(hits / n, n) == pytest.approx(theirs, abs=CLOSE)


@given(st.lists(st.booleans(), min_size=30, max_size=300))
def test_with_one_unit_a_case_the_interval_is_nearly_wilsons(units: list[bool]) -> None:
    hits = np.array(units, dtype=float)
    figure = make_share(hits, np.ones(len(units)))
    plain = proportion_confint(int(hits.sum()), len(units), alpha=0.05, method="wilson")
    assert (figure.low, figure.high) == pytest.approx(plain, abs=0.02)


def test_units_that_come_in_cases_make_the_interval_wider() -> None:
    alike = make_share(np.repeat([0.0, 5.0], 20), np.full(40, 5.0))
    mixed = make_share(np.resize([2.0, 3.0], 40), np.full(40, 5.0))
    assert alike.value == mixed.value == 0.5
    assert alike.high is not None
    assert alike.low is not None
    assert mixed.high is not None
    assert mixed.low is not None
    assert alike.high - alike.low > 2 * (mixed.high - mixed.low)


def test_the_same_cases_give_the_same_interval() -> None:
    sums = np.random.default_rng(3).normal(5, 1, (40, 1))
    both = [make_statistic(sums, lambda each: each[..., 0], 40) for _ in range(2)]
    assert both[0] == both[1]
    assert resample(sums, 10).shape == (10, 1)


EXPERIMENTS = 2_000
Drawn = NDArray[np.float64]


def _draw(rate: float, alike: float, cases: int, photos: int) -> tuple[Drawn, Drawn]:
    """Draws experiments: hits and photos of each case, whose rates differ by a beta distribution.

    Photos of a case correlate by `alike`.
    """
    generator = np.random.default_rng(round(rate * 10) * 1_000 + round(alike * 10) * 100 + photos)
    spread = (1 - alike) / alike
    rates = generator.beta(rate * spread, (1 - rate) * spread, (EXPERIMENTS, cases))
    counts = generator.integers(photos - 2, photos + 3, (EXPERIMENTS, cases))
    return generator.binomial(counts, rates).astype(float), counts.astype(float)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize(("alike", "cases", "photos"), [(0.1, 50, 4), (0.3, 60, 4), (0.1, 80, 8)])
def test_the_interval_of_a_share_covers_95_percent_of_simulated_experiments(
    rate: float, alike: float, cases: int, photos: int
) -> None:
    hits, counts = _draw(rate, alike, cases, photos)
    covered = 0
    for one in range(EXPERIMENTS):
        figure = make_share(hits[one], counts[one])
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= rate <= figure.high
    assert covered / EXPERIMENTS == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_with_few_cases_the_interval_of_a_share_is_wide_rather_than_wrong(rate: float) -> None:
    hits, counts = _draw(rate, 0.3, cases=12, photos=5)
    figures = [make_share(*one) for one in zip(hits, counts, strict=True)]
    covered = [(figure.low or 0) <= rate <= (figure.high or 0) for figure in figures]
    assert 0.93 <= np.mean(covered) <= 0.99


def test_plain_wilson_would_cover_far_less_where_photos_are_alike() -> None:
    hits, counts = _draw(0.3, 0.3, 60, 4)
    shares = hits.sum(1) / counts.sum(1)
    ends = [compute_wilson(share, n) for share, n in zip(shares, counts.sum(1), strict=True)]
    assert np.mean([low <= 0.3 <= high for low, high in ends]) < 0.90


def test_the_bootstrap_covers_95_percent_for_a_mean_over_cases() -> None:
    generator = np.random.default_rng(7)
    cases, experiments = 60, 500
    times = generator.multinomial(cases, np.full(cases, 1 / cases), 1_000).astype(float)
    covered = 0
    for _ in range(experiments):
        rates = generator.gamma(2.0, 0.25, cases)  # false findings a photo: 0.5, alike in a case
        photos = generator.integers(2, 7, cases).astype(float)
        found = generator.poisson(rates * photos).astype(float)
        drawn = times @ np.stack([found, photos], axis=1)
        low, high = bootstrap(drawn[:, 0] / drawn[:, 1], cases)
        covered += low <= 0.5 <= high
    assert covered / experiments == pytest.approx(0.95, abs=0.03)
