"""Two runs over the same cases are compared case by case, and label by label."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from inspectiq import ConfigError
from inspectiq.evaluation import (
    Comparison,
    Label,
    LabelledPhoto,
    Labels,
    compare_runs,
    evaluate,
)
from inspectiq.evaluation._intervals import bootstrap
from tests.evaluation.made import make_finding, make_result

Runs = tuple[list[dict[str, Any]], list[dict[str, Any]], Labels]


def make_runs(found: list[tuple[bool, bool]], photos: int = 1) -> Runs:
    """Runs that find the one issue of each photo or not, as told; some photos make a case."""
    runs: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    seen = []
    for start in range(0, len(found), photos):
        part = found[start : start + photos]
        names = [f"p{n}" for n in range(len(part))]
        case_id = f"c{start}"
        for run, model, place in zip(runs, ("small", "large"), (0, 1), strict=True):
            hits = [name for name, both in zip(names, part, strict=True) if both[place]]
            findings = [make_finding("clog", name) for name in hits]
            run.append(make_result(case_id, findings, photos=names, model=model))
        seen += [LabelledPhoto(case_id, name, (Label("clog"),)) for name in names]
    return *runs, Labels(seen)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=30, max_size=80))
def test_mcnemars_test_is_that_of_statsmodels(found: list[tuple[bool, bool]]) -> None:
    made = compare_runs(*make_runs(found)).found
    table = [
        [found.count((True, True)), found.count((True, False))],
        [found.count((False, True)), found.count((False, False))],
    ]
    assert [[made.both, made.first_only], [made.second_only, made.neither]] == table
    assert made.p == pytest.approx(float(mcnemar(table, exact=True).pvalue), abs=1e-9)


def test_the_difference_is_that_of_two_evaluations() -> None:
    found = [(n % 2 == 0, n % 4 != 3) for n in range(80)]
    first, second, labels = make_runs(found, photos=4)
    made = compare_runs(first, second, labels)
    shares = [evaluate(run, labels).overall.recall.value for run in (first, second)]
    assert [made.recall.first, made.recall.second] == shares == [0.5, 0.75]
    assert made.recall.difference.value == 0.25
    assert made.recall.difference.n == 80
    assert (made.precision.first, made.precision.second) == (1.0, 1.0)
    assert made.precision.difference.value == 0.0
    assert made.first == (
        "InspectionAgent, scripted:small, inspection-1, inspectiq 1, house 2026-11-23",
    )


def test_runs_that_are_the_same_do_not_differ() -> None:
    first, _, labels = make_runs([(n % 3 == 0, False) for n in range(60)], photos=3)
    made = compare_runs(first, first, labels)
    assert made.recall.difference.describe() == "0.00 (no interval: all cases are alike), n = 60"
    assert made.found.p == 1.0


def test_pairs_make_the_interval_narrower_than_two_runs_by_themselves() -> None:
    found = [(n % 5 < 2, n % 5 < 2 or n % 25 == 4) for n in range(200)]
    first, second, labels = make_runs(found, photos=4)
    made = compare_runs(first, second, labels).recall.difference
    alone = evaluate(first, labels).overall.recall
    assert made.high is not None
    assert made.low is not None
    assert alone.high is not None
    assert alone.low is not None
    assert made.high - made.low < alone.high - alone.low


def test_labels_that_one_run_did_not_assess_are_in_no_test() -> None:
    first, second, labels = make_runs([(True, False)] * 40)
    second[0]["photos"][0]["status"] = "failed"
    made = compare_runs(first, second, labels)
    assert (made.found.labels, made.found.first_only) == (39, 39)
    assert made.recall.difference.n == 39


def test_cases_of_one_run_alone_do_not_count_and_are_told() -> None:
    first, second, labels = make_runs([(True, False)] * 40)
    made = compare_runs(first[:35], second[2:], labels)
    assert made.cases == 33
    assert "2 cases are in the first run alone and do not count." in made.gaps
    assert "5 cases are in the second run alone and do not count." in made.gaps


def test_few_labels_are_too_few_to_say() -> None:
    made = compare_runs(*make_runs([(True, False)] * 20))
    assert made.found.p is None
    assert (made.recall.first, made.recall.difference.value) == (None, None)
    assert "too few to say: n = 20" in made.to_markdown()


def test_false_findings_on_clean_photos_are_compared() -> None:
    results = [make_result(f"c{n}") for n in range(30)]
    noisy = [make_result(f"c{n}", [make_finding("clog", "p1")] * (n % 3)) for n in range(30)]
    labels = Labels([LabelledPhoto(f"c{n}", "p1") for n in range(30)])
    made = compare_runs(results, noisy, labels).false_a_clean_photo
    assert (made.first, made.second, made.difference.n) == (0.0, 1.0, 30)
    assert compare_runs(results, noisy, labels).recall.difference.describe() == "none"


def test_no_case_in_both_is_refused() -> None:
    first, second, labels = make_runs([(True, False)] * 2)
    with pytest.raises(ConfigError, match="no case is in both runs"):
        compare_runs(first[:1], second[1:], labels)


def test_more_than_one_read_of_a_case_is_told() -> None:
    first, second, labels = make_runs([(True, False)] * 30)
    made = compare_runs([*first, first[0]], second, labels)
    assert any("more than once in the first run" in gap for gap in made.gaps)


def test_it_is_the_same_after_json_and_rendered_in_both_forms() -> None:
    made = compare_runs(*make_runs([(True, n % 4 < 2) for n in range(60)], photos=2))
    assert Comparison.model_validate_json(made.to_json()) == made
    told = made.recall.difference.describe()
    assert told.startswith("-0.50 (-0.")
    assert f"| Recall | 1.00 | 0.50 | {told} |".replace("| -", "| \\-") in made.to_markdown()
    page = made.to_html()
    assert told in page
    assert "30 cases of both runs" in page
    assert "scripted:large" in page


def test_the_interval_of_a_difference_covers_95_percent_of_simulated_experiments() -> None:
    generator = np.random.default_rng(11)
    cases, experiments = 60, 500
    times = generator.multinomial(cases, np.full(cases, 1 / cases), 1_000).astype(float)
    covered = 0
    for _ in range(experiments):
        easy = generator.beta(4.0, 4.0, cases)  # cases differ for both runs alike
        labels = generator.integers(2, 7, cases)
        one = generator.binomial(labels, easy)
        other = one + generator.binomial(labels - one, 0.2)
        drawn = times @ np.stack([one, other, labels], axis=1)
        low, high = bootstrap((drawn[:, 1] - drawn[:, 0]) / drawn[:, 2], cases)
        covered += low <= 0.1 <= high  # a fifth of the half that the first run misses
    assert covered / experiments == pytest.approx(0.95, abs=0.03)
