import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, Issue, SeverityPolicy, Taxonomy
from inspectiq.severity import NspireProjection, project_nspire_score
from tests.severity.cases import finding

TYPES = [kind.key for kind in Taxonomy.default().types]
issues = st.lists(
    st.builds(
        finding,
        st.sampled_from(TYPES),
        st.sampled_from(("low", "medium", "high", "critical")),
        area=st.sampled_from(("unit", "inside", "outside")),
        confidence=st.sampled_from((0.3, 0.9)),
    ),
    max_size=6,
)


def test_weights_are_taken_off_100_over_the_units_sampled() -> None:
    seen = [
        finding("clog", "high"),
        finding("wall_hole", "medium", area="inside"),
        finding("fence_gate", "low", area="outside"),
    ]
    assert project_nspire_score(seen, 1).score == pytest.approx(100 - 14.8 - 5.0 - 2.0)
    assert project_nspire_score(seen, 4).score == pytest.approx(100 - 21.8 / 4)


def test_it_always_says_what_it_is_not() -> None:
    projection = project_nspire_score([], 1)
    assert projection.title == "projection, not a HUD score"
    assert projection.cite.endswith("through two agreeing secondary sources [S]")
    assert (projection.score, projection.fails) == (100, False)


@pytest.mark.parametrize(
    ("area", "weights"),
    [
        ("unit", (60.0, 14.8, 5.5, 2.4)),
        ("inside", (54.5, 13.4, 5.0, 2.2)),
        ("outside", (49.6, 12.2, 4.5, 2.0)),
    ],
)
def test_each_level_weighs_what_the_table_says(
    area: str, weights: tuple[float, float, float, float]
) -> None:
    words = ("critical", "high", "medium", "low")
    for word, weight in zip(words, weights, strict=True):
        (one,) = project_nspire_score([finding("clog", word, area=area)], 1).deductions  # type: ignore[arg-type]
        assert one.weight == weight


def test_below_60_fails_and_60_does_not() -> None:
    two = [finding("clog", "critical"), finding("toilet_fault", "critical")]
    sixty = project_nspire_score(two, 3)
    assert (sixty.score, sixty.fails) == (60, False)
    below = project_nspire_score([*two, finding("litter", "low")], 3)
    assert (below.score, below.fails) == (59.2, True)


def test_a_deficiency_counts_once_an_area_with_its_worst_level() -> None:
    seen = [
        finding("clog", "low", id="a"),
        finding("clog", "high", id="b"),
        finding("clog", "low", id="c"),
        finding("clog", "low", area="inside", id="d"),
    ]
    first, second = project_nspire_score(seen, 1).deductions
    assert (first.level, first.weight, first.findings) == ("severe", 14.8, ("a", "b", "c"))
    assert (second.area, second.weight, second.findings) == ("inside", 2.2, ("d",))


def test_each_unit_counts_for_itself_and_what_they_share_counts_once() -> None:
    each = [finding("clog", "high"), finding("fence_gate", "high", area="outside")]
    projection = project_nspire_score({"1a": each, "1b": each}, 2)
    assert [(one.unit, one.type) for one in projection.deductions] == [
        ("1a", "clog"),
        ("1b", "clog"),
        ("", "fence_gate"),
    ]
    assert projection.score == pytest.approx(100 - (14.8 + 14.8 + 12.2) / 2)


def test_alarms_are_cited_and_what_needs_a_person_is_left_out() -> None:
    seen = [
        finding("smoke_alarm_missing", "critical", id="smoke"),
        finding("co_alarm_missing", "low", id="co"),
        finding("clog", "high", confidence=0.1, id="doubt"),
        finding("sewage", "high", review=["seen by a triage only"], id="triage"),
        finding("odor_reported", id="nothing proposed"),
    ]
    projection = project_nspire_score(seen, 1)
    assert projection.score == 100
    assert projection.cited == ("smoke", "co")
    assert projection.left_out == ("doubt", "triage", "nothing proposed")


def test_findings_are_graded_anew_whatever_graded_them_before() -> None:
    house = SeverityPolicy.default()
    seen = finding("clog", "high")
    graded = seen.model_copy(update={"severity": house.grade(seen)})
    assert project_nspire_score([graded], 1) == project_nspire_score([seen], 1)


def test_a_house_may_override_the_grading_but_not_the_levels() -> None:
    strict = SeverityPolicy.of("nspire", floors={"plumbing": "life_threatening"})
    assert project_nspire_score([finding("clog", "low")], 1, policy=strict).score == 40
    with pytest.raises(ConfigError, match="house has the level 'medium', which NSPIRE does not"):
        project_nspire_score([], 1, policy=SeverityPolicy.default())


@pytest.mark.parametrize("units", [0, -1, 1])
def test_there_are_at_least_as_many_units_as_were_given(units: int) -> None:
    with pytest.raises(ConfigError, match=f"units_sampled is {units}; it is at least 1, and"):
        project_nspire_score({"1a": [], "1b": []}, units)


@settings(max_examples=60, deadline=None)
@given(issues, issues)
def test_more_findings_never_score_higher_and_the_score_stays_in_its_range(
    some: list[Issue], more: list[Issue]
) -> None:
    fewer, all_of_them = project_nspire_score(some, 1), project_nspire_score([*some, *more], 1)
    assert 0 <= all_of_them.score <= fewer.score <= 100
    assert NspireProjection.model_validate_json(fewer.model_dump_json()) == fewer
