"""Findings are compared with labels: what counts as right, wrong, found, missed, abstained."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from inspectiq import ConfigError
from inspectiq.evaluation import Label, LabelledPhoto, Labels, evaluate
from tests.evaluation.made import make_finding, make_result


def label(*photos: LabelledPhoto) -> Labels:
    return Labels(photos)


def see(photo_id: str, *labels: Label, case: str = "c1", whole: bool = True) -> LabelledPhoto:
    return LabelledPhoto(case, photo_id, labels, whole)


def count(scores: Any) -> tuple[int, ...]:
    """Right, false, found, missed and abstained."""
    return (
        scores.precision.hits,
        scores.false_findings,
        scores.recall.hits,
        scores.missed,
        scores.abstained,
    )


def test_a_finding_of_the_labels_type_is_right_and_the_label_found() -> None:
    made = evaluate(
        make_result("c1", [make_finding("clog", "p1")]), label(see("p1", Label("clog")))
    )
    assert count(made.overall) == (1, 0, 1, 0, 0)
    assert (made.overall.precision.n, made.overall.recall.n) == (1, 1)


def test_of_another_type_both_are_wrong_unless_the_group_is_enough() -> None:
    result = make_result("c1", [make_finding("supply_leak", "p1")])
    labels = label(see("p1", Label("clog")))
    assert count(evaluate(result, labels).overall) == (0, 1, 0, 1, 0)
    near = evaluate(result, labels, tolerance="group")
    assert count(near.overall) == (1, 0, 1, 0, 0)
    assert {one.name: count(one) for one in near.by_type} == {
        "supply_leak": (1, 0, 0, 0, 0),
        "clog": (0, 0, 1, 0, 0),
    }
    assert [(one.name, count(one)) for one in near.by_group] == [("plumbing", (1, 0, 1, 0, 0))]


def test_a_box_that_is_elsewhere_is_wrong_and_a_missing_one_is_not_compared() -> None:
    found = make_finding("wall_hole", "p1", box=(0.0, 0.0, 0.2, 0.2))
    result = make_result("c1", [found])
    elsewhere = label(see("p1", Label("wall_hole", box=(0.6, 0.6, 0.9, 0.9))))
    assert count(evaluate(result, elsewhere).overall) == (0, 1, 0, 1, 0)
    assert count(evaluate(result, label(see("p1", Label("wall_hole")))).overall) == (1, 0, 1, 0, 0)


def test_one_label_makes_one_finding_right() -> None:
    found = [make_finding("clog", "p1", id="a"), make_finding("clog", "p1", id="b")]
    made = evaluate(make_result("c1", found), label(see("p1", Label("clog"))))
    assert count(made.overall) == (1, 1, 1, 0, 0)


def test_a_finding_counts_on_each_photo_that_shows_it() -> None:
    result = make_result("c1", [make_finding("clog", "p1", "p2")], photos=("p1", "p2"))
    made = evaluate(result, label(see("p1", Label("clog")), see("p2")))
    assert count(made.overall) == (1, 1, 1, 0, 0)


def test_photos_without_a_label_do_not_count() -> None:
    result = make_result("c1", [make_finding("clog", "p2")], photos=("p1", "p2"))
    made = evaluate(result, label(see("p1")))
    assert count(made.overall) == (0, 0, 0, 0, 0)
    assert (made.photos, made.labelled) == (2, 1)


@pytest.mark.parametrize("status", ["unclear", "failed"])
def test_a_label_on_a_photo_without_an_answer_is_abstained_and_not_missed(status: str) -> None:
    result = make_result("c1", statuses={"p1": status})
    made = evaluate(result, label(see("p1", Label("clog"))))
    assert count(made.overall) == (0, 0, 0, 0, 1)
    shares = {"unclear": made.abstention.unclear.hits, "failed": made.abstention.failed.hits}
    assert shares[status] == 1
    assert sum(hits or 0 for hits in shares.values()) == 1


def test_a_group_that_a_triage_does_not_look_for_is_abstained() -> None:
    result = make_result("c1", groups=["interior_finish"])
    made = evaluate(result, label(see("p1", Label("clog"), Label("wall_hole"))))
    assert count(made.overall) == (0, 0, 0, 1, 1)


def test_where_only_findings_were_judged_recall_is_not_counted() -> None:
    found = [make_finding("clog", "p1"), make_finding("wall_hole", "p1")]
    result = make_result("c1", [*found, make_finding("water_stain", "p1")])
    judged = see("p1", Label("clog"), Label("wall_hole", present=False), whole=False)
    made = evaluate(result, label(judged))
    assert count(made.overall) == (1, 1, 0, 0, 0)  # nobody judged the stain
    assert any("only findings were judged" in gap for gap in made.gaps)


def test_a_clean_photo_with_findings_is_counted_by_itself() -> None:
    found = [make_finding("clog", "p1"), make_finding("wall_hole", "p1")]
    result = make_result("c1", found, photos=("p1", "p2"))
    made = evaluate(result, label(see("p1"), see("p2", Label("clog"))))
    assert made.false_a_clean_photo.n == 1
    assert (made.clean_with_false.hits, made.clean_with_false.n) == (1, 1)


def test_what_only_words_tell_is_matched_by_a_label_without_a_photo() -> None:
    result = make_result("c1", photos=())
    del result["issues"]
    result |= {"findings": [make_finding("clog")]}
    made = evaluate(result, label(see("", Label("clog"), Label("supply_leak"))))
    assert count(made.overall) == (1, 0, 1, 1, 0)


def test_an_alias_stands_for_its_type() -> None:
    result = make_result("c1", [make_finding("wall_hole", "p1")])
    assert count(evaluate(result, label(see("p1", Label("hole")))).overall)[0] == 1


def test_rooms_are_those_of_the_photos() -> None:
    found = [make_finding("clog", "p1"), make_finding("clog", "p2")]
    result = make_result("c1", found, photos=("p1", "p2"), rooms={"p1": "kitchen"})
    made = evaluate(result, label(see("p1", Label("clog")), see("p2")))
    assert [(one.name, count(one)) for one in made.by_room] == [
        ("kitchen", (1, 0, 1, 0, 0)),
        ("no room", (0, 1, 0, 0, 0)),
    ]


def test_a_share_of_few_has_its_count_and_no_value() -> None:
    made = evaluate(
        make_result("c1", [make_finding("clog", "p1")]), label(see("p1", Label("clog")))
    )
    assert made.overall.precision.value is None
    assert made.overall.precision.describe() == "too few to say: 1 of 1"


def _many(count: int, cases: int) -> tuple[list[dict[str, Any]], Labels]:
    photos = [f"p{n}" for n in range(1, count + 1)]
    found = [make_finding("clog", photo) for photo in photos]
    results = [make_result(f"c{n}", found, photos=photos) for n in range(cases)]
    seen = [see(photo, Label("clog"), case=f"c{n}") for n in range(cases) for photo in photos]
    return results, Labels(seen)


def test_a_share_of_one_case_has_a_value_and_no_interval() -> None:
    made = evaluate(*_many(40, 1))
    assert (made.overall.recall.value, made.overall.recall.low) == (1.0, None)
    assert made.overall.recall.describe() == "1.00 (no interval of 1 case), 40 of 40"


def test_a_share_of_many_cases_has_an_interval() -> None:
    recall = evaluate(*_many(4, 10)).overall.recall
    assert recall.low is not None
    assert 0.5 < recall.low < 1.0
    assert recall.high == 1.0


def grade(pairs: Sequence[tuple[str, str | None]]) -> tuple[dict[str, Any], Labels]:
    """A result whose findings have levels, beside those that labels have: (label, finding)."""
    photos = [f"p{n}" for n in range(len(pairs))]
    found = [
        make_finding("clog", photo, level=level or None)
        for photo, (_, level) in zip(photos, pairs, strict=True)
        if level != "missed"
    ]
    seen = [
        see(photo, Label("clog", severity=truth))
        for photo, (truth, _) in zip(photos, pairs, strict=True)
    ]
    return make_result("c1", found, photos=photos), Labels(seen)


def test_a_severe_issue_is_missed_where_it_was_not_found_or_graded_below() -> None:
    result, labels = grade(
        [
            ("high", "critical"),
            ("critical", "medium"),
            ("high", "missed"),
            ("high", ""),
            ("low", "high"),
        ]
    )
    severity = evaluate(result, labels).severity
    assert severity is not None
    assert severity.severe == ("high", "critical")
    assert (severity.severe_missed.hits, severity.severe_missed.n) == (2, 4)
    assert (severity.needs_review.hits, severity.needs_review.n) == (1, 4)
    assert severity.kappa.n == 3


def test_an_invoice_counts_once_for_all_photos_of_its_finding() -> None:
    found = make_finding("clog", "p1", "p2", cost=(100, 150, 200))
    paid = Label("clog", invoice=Decimal(120))
    result = make_result("c1", [found], photos=("p1", "p2"))
    costs = evaluate(result, label(see("p1", paid), see("p2", paid))).costs
    assert costs is not None
    assert (costs.within.hits, costs.within.n, costs.bias.n) == (1, 1, 1)


def test_two_reads_of_a_case_agree_in_what_both_found() -> None:
    one = make_result("c1", [make_finding("clog", "p1"), make_finding("wall_hole", "p1")])
    other = make_result("c1", [make_finding("clog", "p1"), make_finding("water_stain", "p1")])
    made = evaluate([one, other], label(see("p1", Label("clog"))))
    assert (made.cases, made.reads) == (1, 2)
    assert (made.agreement.hits, made.agreement.n) == (1, 3)


@pytest.mark.parametrize("order", [1, -1])
def test_a_reviewed_result_is_no_other_read(order: int) -> None:
    found = make_finding("clog", "p1")
    reviewed = {**found, "reviews": [{"decision": "rejected", "changed": [], "before": found}]}
    results = [make_result("c1", [found]), make_result("c1", [reviewed], parent="r1")]
    made = evaluate(results[::order], label(see("p1", Label("clog"))))
    assert made.reads == 1
    assert count(made.overall) == (1, 0, 1, 0, 0)
    assert any("came from another one" in gap for gap in made.gaps)


def test_what_the_engine_found_counts_and_not_what_a_person_made_of_it() -> None:
    before = make_finding("clog", "p1", level="low")
    edited = make_finding("supply_leak", "p1", level="high", id=before["id"])
    edited["reviews"] = [{"decision": "edited", "changed": ["type"], "before": before}]
    made = evaluate(make_result("c1", [edited]), Labels.from_reviews(make_result("c1", [edited])))
    assert count(made.overall)[:2] == (0, 0)  # the label is of the other type, and not of all
    near = Labels.from_reviews(make_result("c1", [edited]))
    assert (
        evaluate(make_result("c1", [edited]), near, tolerance="group").overall.precision.hits == 1
    )


def test_labels_of_duplicates_do_not_count() -> None:
    result = make_result("c1", photos=("p1", "p2"), statuses={"p2": "duplicate"})
    made = evaluate(result, label(see("p1"), see("p2", Label("clog"))))
    assert count(made.overall) == (0, 0, 0, 0, 0)
    assert made.photos == 1
    assert any("duplicates" in gap for gap in made.gaps)


def test_labelled_cases_without_a_result_are_told() -> None:
    made = evaluate(make_result("c1"), label(see("p1"), see("p1", case="c2")))
    assert any("1 labelled cases have no result" in gap and "c2" in gap for gap in made.gaps)


def test_a_photo_that_its_result_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="'p9' of the case 'c1' is not in its result"):
        evaluate(make_result("c1"), label(see("p9")))


def test_labels_of_other_cases_alone_are_refused() -> None:
    with pytest.raises(ConfigError, match="none is of a case of these results"):
        evaluate(make_result("c1"), label(see("p1", case="c9")))


def test_no_result_is_refused() -> None:
    with pytest.raises(ConfigError, match="results: there is none"):
        evaluate([], label(see("p1")))


def test_mixed_configurations_are_refused_unless_they_are_meant() -> None:
    results = [make_result("c1"), make_result("c2", model="other")]
    labels = label(see("p1"), see("p1", case="c2"))
    with pytest.raises(ConfigError, match=r"2 configurations are mixed: .*scripted:other"):
        evaluate(results, labels)
    made = evaluate(results, labels, mixed=True)
    assert len(made.configurations) == 2
    assert "Results of 2 configurations are mixed." in made.gaps


def test_all_clean_and_all_damaged_are_told() -> None:
    clean = evaluate(make_result("c1"), label(see("p1")))
    assert any("recall cannot be told" in gap for gap in clean.gaps)
    assert clean.overall.recall.describe() == "none"
    damaged = evaluate(make_result("c1"), label(see("p1", Label("clog"))))
    assert any("No photo is labelled clean" in gap for gap in damaged.gaps)


def test_an_unknown_level_is_refused_with_those_that_there_are() -> None:
    result, labels = grade([("severe", "high")])
    with pytest.raises(ConfigError, match="no level 'severe'; the results have low, medium, high"):
        evaluate(result, labels)


def test_levels_of_several_profiles_are_not_compared() -> None:
    result, labels = grade([("high", "high")])
    other = make_result("c2")
    other["provenance"]["severity"] = "nspire 1"
    made = evaluate([result, other], labels, mixed=True)
    assert made.severity is None
    assert any("graded by several profiles" in gap for gap in made.gaps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tolerance": "room"}, "give 'type' or 'group'"),
        ({"overlap": 0}, "above 0"),
        ({"overlap": 1.5}, "up to 1"),
        ({"mixed": 1}, "give True or False"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        evaluate(make_result("c1"), label(see("p1")), **arguments)


def test_it_says_what_to_install_where_the_extra_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "scipy.special", None)
    with pytest.raises(ConfigError, match=r"pip install 'inspectiq\[eval\]'"):
        evaluate(make_result("c1"), label(see("p1")))


def test_costs_in_several_currencies_are_not_compared() -> None:
    found = [make_finding("clog", "p1", cost=(1, 2, 3)), make_finding("clog", "p2", cost=(1, 2, 3))]
    found[1]["cost"]["currency"] = "CAD"
    paid = Label("clog", invoice=Decimal(2))
    made = evaluate(
        make_result("c1", found, photos=("p1", "p2")), label(see("p1", paid), see("p2", paid))
    )
    assert made.costs is None
    assert any("several currencies" in gap for gap in made.gaps)


def test_results_of_unknown_cost_are_told() -> None:
    made = evaluate(make_result("c1", usd=None), label(see("p1")))
    assert made.usd_a_photo.describe() == "none"
    assert "1 results do not know what they cost." in made.gaps
