"""What holds for every profile: more to worry about, or more certainty, never ends lower."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import Severity, SeverityPolicy, Taxonomy
from inspectiq.severity import Rule, When
from tests.severity.cases import case, finding

TAXONOMY = Taxonomy.default()
NAMES = ("house", "nspire", "nspire_hcv", "awaab", "asap")
POLICIES = [SeverityPolicy.of(name) for name in NAMES]
PROPOSALS = (None, "low", "medium", "high", "critical")
AT_RISK = {known: case(at_risk=known) for known in (None, False, True)}

policies = st.sampled_from(POLICIES)
types = st.sampled_from([kind.key for kind in TAXONOMY.types])
facts = st.sets(st.sampled_from(list(TAXONOMY.facts)), max_size=4)
shares = st.floats(0, 1)
sights = st.fixed_dictionaries(
    {
        "proposed": st.sampled_from((*PROPOSALS, "dire")),
        "extent": st.none() | st.floats(0, 1000),
        "confidence": st.none() | shares,
        "room": st.sampled_from((None, "bedroom", "kitchen")),
        "area": st.sampled_from(("unit", "inside", "outside")),
        "condition": st.sampled_from((None, "wear", "damage", "unclear")),
        "review": st.sampled_from(((), ("seen by a triage only",))),
    }
)


def _grade(
    policy: SeverityPolicy, type: str, stated: Any, sight: dict[str, Any], **changed: Any
) -> Severity:
    fields = {**sight, **changed}
    at_risk = AT_RISK[fields.pop("at_risk", None)]
    return policy.grade(finding(type, fields.pop("proposed"), *stated, **fields), at_risk)


@settings(max_examples=80, deadline=None)
@given(policies, types, facts, facts, sights)
def test_a_hazard_that_is_added_never_ends_lower(
    policy: SeverityPolicy, type: str, stated: set[str], added: set[str], sight: dict[str, Any]
) -> None:
    before = _grade(policy, type, stated, sight)
    assert _grade(policy, type, stated | added, sight).order >= before.order


@settings(max_examples=80, deadline=None)
@given(policies, types, facts, sights, st.floats(0, 1000), st.floats(0, 1000))
def test_a_larger_extent_never_ends_lower(
    policy: SeverityPolicy,
    type: str,
    stated: set[str],
    sight: dict[str, Any],
    one: float,
    other: float,
) -> None:
    small, large = sorted((one, other))
    unknown = _grade(policy, type, stated, sight, extent=None)
    less = _grade(policy, type, stated, sight, extent=small)
    more = _grade(policy, type, stated, sight, extent=large)
    assert unknown.order <= less.order <= more.order


@settings(max_examples=80, deadline=None)
@given(policies, types, facts, sights, shares, shares)
def test_more_certainty_never_ends_lower(
    policy: SeverityPolicy,
    type: str,
    stated: set[str],
    sight: dict[str, Any],
    one: float,
    other: float,
) -> None:
    doubtful, certain = sorted((one, other))
    less = _grade(policy, type, stated, sight, confidence=doubtful)
    assert _grade(policy, type, stated, sight, confidence=certain).order >= less.order


@settings(max_examples=60, deadline=None)
@given(policies, types, facts, sights)
def test_people_at_risk_and_worse_proposals_never_end_lower(
    policy: SeverityPolicy, type: str, stated: set[str], sight: dict[str, Any]
) -> None:
    nobody = _grade(policy, type, stated, sight, at_risk=False)
    assert _grade(policy, type, stated, sight, at_risk=True).order >= nobody.order
    orders = [_grade(policy, type, stated, sight, proposed=word).order for word in PROPOSALS[1:]]
    assert orders == sorted(orders)


@settings(max_examples=80, deadline=None)
@given(policies, types, facts, sights)
def test_nothing_that_an_engine_says_ends_below_a_floor(
    policy: SeverityPolicy, type: str, stated: set[str], sight: dict[str, Any]
) -> None:
    severity = _grade(policy, type, stated, sight)
    for key in (type, TAXONOMY[type].group, *stated):
        if key in policy.floors:
            floor = policy.find_level(policy.floors[key].level)
            assert floor is not None
            assert severity.rank is not None
            assert severity.rank >= floor.rank


rules = st.builds(
    lambda when, outcome: {"when": when, **outcome},
    st.fixed_dictionaries(
        {},
        optional={
            "groups": st.lists(st.sampled_from(["plumbing", "structure"]), min_size=1),
            "rooms": st.just(["bedroom"]),
            "facts_any": st.lists(st.sampled_from(["movement", "growing"]), min_size=1),
            "extent_over": st.floats(0, 100),
            "occupants_at_risk": st.just(True),
            "confidence_below": shares,
        },
    ),
    st.sampled_from(["low", "medium", "high", "critical"]).flatmap(
        lambda level: st.sampled_from(
            [
                {"at_least": level},
                {"at_most": level},
                {"level": level},
                {"raise_by": 1},
                {"review": True},
            ]
        )
    ),
)


def _allowed(drawn: list[dict[str, Any]]) -> list[Rule]:
    made = []
    for number, rule in enumerate(drawn):
        try:
            made.append(Rule.model_validate({"id": f"r{number}", **rule}))
        except ValueError:
            continue  # a rule that would go the wrong way cannot be made
    return made


@settings(max_examples=80, deadline=None)
@given(
    st.lists(rules, max_size=6).map(_allowed),
    st.sampled_from(["clog", "settlement"]),
    facts,
    facts,
    sights,
    st.tuples(shares, shares).map(sorted),
    st.tuples(st.floats(0, 200), st.floats(0, 200)).map(sorted),
)
def test_no_rules_that_can_be_written_break_this(
    own: list[Rule],
    type: str,
    stated: set[str],
    added: set[str],
    sight: dict[str, Any],
    confidence: list[float],
    extent: list[float],
) -> None:
    policy = SeverityPolicy.of("house", rules=own)
    better = _grade(policy, type, stated, sight, confidence=confidence[0], extent=extent[0])
    worse = _grade(
        policy,
        type,
        stated | added,
        sight,
        confidence=confidence[1],
        extent=extent[1],
        at_risk=True,
    )
    assert worse.order >= better.order


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_every_type_with_every_fact_has_a_level_or_needs_review(policy: SeverityPolicy) -> None:
    keys = {level.key for level in policy.levels}
    for kind in TAXONOMY.types:
        for fact in (None, *TAXONOMY.facts):
            for proposed in (None, "low"):
                severity = policy.grade(finding(kind.key, proposed, *([fact] if fact else [])))
                assert severity.rule
                assert severity.source
                assert severity.proposed == proposed
                if severity.level is None:
                    assert proposed is None
                    assert severity.review
                else:
                    assert severity.level in keys


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_review_stands_between_the_mildest_level_and_the_next(policy: SeverityPolicy) -> None:
    mildest, second, *_ = (policy.make_severity(level.key, because="x") for level in policy.ladder)
    review = policy.grade(finding("odor_reported"))
    assert mildest.order < review.order < second.order


def test_a_floor_holds_also_where_a_person_must_look_first() -> None:
    policy = SeverityPolicy.default()
    for doubtful in (
        finding("sewage", "critical", confidence=0.1),
        finding("sewage", "critical", review=["seen by a triage only"]),
        finding("sewage", "dire"),
    ):
        severity = policy.grade(doubtful)
        assert (severity.level, severity.rule) == ("high", "floor: sewage")
        assert severity.review
        assert severity.deadlines


def test_a_doubt_about_what_is_mildest_anyway_is_noted_and_asks_for_no_review() -> None:
    severity = SeverityPolicy.default().grade(finding("clog", "low", confidence=0.1))
    assert severity.level == "low"
    assert severity.review == "confidence 0.1 is below 0.5"


def test_what_was_graded_without_a_doubt_has_nothing_to_review() -> None:
    assert SeverityPolicy.default().grade(finding("sewage", "high")).review == ""


def test_a_review_names_all_its_reasons_the_first_as_the_rule() -> None:
    seen = finding("clog", "dire", confidence=0.1, review=["seen by a triage only"])
    severity = SeverityPolicy.default().grade(seen)
    assert severity.rule == "seen by a triage only"
    assert severity.review == (
        "seen by a triage only; house has no such level as was proposed; "
        "confidence 0.1 is below 0.5"
    )


def test_a_rule_may_leave_a_type_to_a_person() -> None:
    rule = Rule(id="ask_the_surveyor", when=When(types=("settlement",)), review=True)
    policy = SeverityPolicy.of("house", rules=[rule])
    severity = policy.grade(finding("settlement", "high"))
    assert severity.is_review
    assert severity.rule == "ask_the_surveyor"
    assert policy.grade(finding("clog", "high")).level == "high"


def test_the_first_level_that_applies_stands_in_place_of_the_proposal() -> None:
    rules = [
        Rule(id="worn", when=When(types=("clog",), condition="wear"), level="low"),
        Rule(id="ours", when=When(groups=("plumbing",)), level="medium"),
    ]
    policy = SeverityPolicy.of("house", rules=rules)
    assert policy.grade(finding("clog", "critical", condition="wear")).level == "low"
    assert policy.grade(finding("clog", "critical")).rule == "ours"
    assert policy.grade(finding("clog")).level == "medium"
    assert policy.grade(finding("clog", "low", "movement")).level == "high"


def test_at_most_bounds_and_raising_ends_at_the_worst_level() -> None:
    rules = [
        Rule(id="outside", when=When(areas=("outside",)), at_most="medium"),
        Rule(id="inside", when=When(areas=("inside",)), raise_by=9),
    ]
    policy = SeverityPolicy.of("house", rules=rules)
    outside = policy.grade(finding("clog", "critical", area="outside"))
    assert (outside.level, outside.rule) == ("medium", "outside")
    assert policy.grade(finding("clog", "low", area="inside")).level == "critical"
    assert policy.grade(finding("clog", None, area="inside")).is_review
