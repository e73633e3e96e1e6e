import pytest

from inspectiq import ConfigError, Issue, Observed, Scope, SeverityPolicy


def _issue(level: str | None, *review: str) -> Issue:
    return Issue(
        type="clog",
        group="plumbing",
        label="Blocked drain",
        observed=Observed(description="x", proposed_level=level),
        scope=Scope(trade="plumber"),
        review=review,
    )


def test_the_shipped_policy_keeps_what_the_engine_proposed_and_says_so() -> None:
    severity = SeverityPolicy.default().grade(_issue("high"))
    assert (severity.level, severity.rank, severity.proposed) == ("high", 3, "high")
    assert severity.rule == "proposed by the engine"
    assert severity.deadlines == ()


def test_what_a_person_must_look_at_has_no_level() -> None:
    policy = SeverityPolicy.default()
    for issue in (_issue("critical", "seen by a triage only"), _issue(None), _issue("dire")):
        severity = policy.grade(issue)
        assert severity.is_review
        assert severity.level is None
        assert severity.deadlines == ()


def test_a_level_that_does_not_exist_names_the_choices() -> None:
    with pytest.raises(ConfigError, match="it has low, medium, high, critical"):
        SeverityPolicy.default().level("dire", because="house rule")


def test_what_needs_review_stands_just_above_the_mildest_level() -> None:
    policy = SeverityPolicy.default()
    orders = [policy.grade(_issue(level)).order for level in ("low", None, "medium", "critical")]
    assert orders == sorted(orders)


@pytest.mark.parametrize("field", ["key", "rank"])
def test_two_levels_may_not_share_a_key_or_a_rank(field: str) -> None:
    raw = SeverityPolicy.default().model_dump()
    raw["levels"][1][field] = raw["levels"][0][field]
    with pytest.raises(ValueError, match=f"share a {field}"):
        SeverityPolicy.model_validate(raw)


def test_a_policy_goes_through_json_and_keeps_its_hash() -> None:
    policy = SeverityPolicy.default()
    twin = SeverityPolicy.model_validate_json(policy.model_dump_json())
    assert twin == policy
    assert twin.sha256 == policy.sha256
