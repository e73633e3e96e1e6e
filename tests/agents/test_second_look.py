"""A second look at photos that seem clean: who is asked, what, and what counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    DiagnosisAgent,
    EngineProfile,
    Inspection,
    InspectionAgent,
    Limits,
    OpenAITransport,
    VisionRequest,
)
from inspectiq.agents import Prompt, SecondLook
from inspectiq.domain import Agreement, FrozenMap, ReadCounts
from inspectiq.errors import AuthenticationFailed, OutputRefused
from inspectiq.events import RequestFailed, RequestSent
from inspectiq.limits import FlatTokens, Pricing
from inspectiq.testing import FunctionTransport, capture_events, make_answer, make_issue
from inspectiq.transports import Checked, EngineHealth, MemoryCache, stack
from tests.agents.read_scripts import LEAK, MOLD, Script, photos_of

CHEAP = EngineProfile(
    provider="a",
    model="cheap",
    settings=FrozenMap(temperature=0.7),
    photos_per_request=1,
    max_output_tokens_per_photo=500,
    pricing=Pricing(input=Decimal(1), output=Decimal(4)),
    image_tokens=FlatTokens(tokens=85),
)
CAREFUL = CHEAP.model_copy(
    update={
        "provider": "c",
        "model": "careful",
        "pricing": Pricing(input=Decimal(10), output=Decimal(40)),
    }
)


def seeing(*issues: Any, **by_photo: Any) -> Script:
    """Sees issues on all photos, or on those that are named."""

    def script(request: VisionRequest) -> str:
        (photo_id,) = request.photo_ids
        return make_answer(request, [*issues, *by_photo.get(photo_id, ())])

    return script


def look_again(
    first: Script, second: Script, n: int = 2, look: SecondLook | None = None, **options: Any
) -> tuple[Inspection, list[tuple[int, str]]]:
    """The inspection, and for each request which look it is of and about which photo."""

    def script(request: VisionRequest) -> Any:
        return (first if request.look == 1 else second)(request)

    engine = FunctionTransport(script, profile=CHEAP)
    agent = InspectionAgent(engine, second_look=look or SecondLook(), **options)
    inspection = agent.inspect(photos_of(n), id="c")
    return inspection, [(one.look, one.photo_ids[0]) for one in engine.requests]


def test_only_photos_without_a_finding_are_looked_at_again() -> None:
    inspection, asked = look_again(
        seeing(p1=[make_issue(LEAK, 1)]), seeing(make_issue(MOLD, 1)), n=3
    )
    assert asked == [(1, "p1"), (1, "p2"), (1, "p3"), (2, "p2"), (2, "p3")]
    found = {issue.evidence[0].photo_id: (issue.type, issue.look) for issue in inspection.issues}
    assert found == {
        "p1": (LEAK, "first"),
        "p2": (MOLD, "second"),
        "p3": (MOLD, "second"),
    }
    assert [one.second_look for one in inspection.photos] == [None, "assessed", "assessed"]
    assert inspection.usage.requests == 5


def test_it_asks_another_question_and_evidence_and_provenance_say_which() -> None:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue(MOLD, 1)] * (request.look == 2)),
        profile=CHEAP,
    )
    look = SecondLook(prompt=Prompt("corners", "Look into each corner."))
    inspection = InspectionAgent(engine, second_look=look).inspect(photos_of(1), id="c")
    first, second = engine.requests
    assert second.instructions.startswith(first.instructions.rpartition("\n")[0][:500])
    assert "Look into each corner." in second.instructions
    assert "Look into each corner." not in first.instructions
    made = inspection.provenance
    assert made.second_look is not None
    assert (made.second_look.prompt, made.second_look.engine) == ("corners", CHEAP.identity)
    (shown,) = inspection.issues[0].evidence
    assert shown.prompt_sha256 != made.prompt_sha256
    plain = InspectionAgent(FunctionTransport(make_answer, profile=CHEAP)).inspect(
        photos_of(1), id="c"
    )
    assert plain.id != inspection.id
    assert plain.provenance.second_look is None
    assert Inspection.model_validate_json(inspection.to_json()) == inspection


def test_where_every_photo_shows_something_there_is_no_second_look() -> None:
    inspection, asked = look_again(seeing(make_issue(LEAK, 1)), seeing())
    assert [look for look, _ in asked] == [1, 1]
    assert [one.second_look for one in inspection.photos] == [None, None]


def test_a_photo_that_was_not_read_does_not_seem_clean() -> None:
    def first(request: VisionRequest) -> Any:
        if request.photo_ids == ("p1",):
            return OutputRefused("x", attempts=1)
        return make_answer(request, unclear={1: "dark"})

    inspection, asked = look_again(first, seeing())
    assert [look for look, _ in asked] == [1, 1]
    assert [one.status for one in inspection.photos] == ["failed", "unclear"]


def test_another_engine_looks_and_is_the_one_that_evidence_names() -> None:
    cheap = FunctionTransport(seeing(), profile=CHEAP)
    careful = FunctionTransport(seeing(p1=[make_issue(LEAK, 1)]), profile=CAREFUL)
    agent = InspectionAgent(cheap, second_look=SecondLook(engine=careful))
    inspection = agent.inspect(photos_of(2), id="c")
    assert ([r.look for r in cheap.requests], [r.look for r in careful.requests]) == (
        [1, 1],
        [2, 2],
    )
    (issue,) = inspection.issues
    assert (issue.look, issue.evidence[0].engine) == ("second", CAREFUL.identity)
    assert {one.model for one in inspection.provenance.engines} == {"cheap", "careful"}
    assert [one.engine for one in inspection.photos] == [CHEAP.identity] * 2


def test_a_photo_that_was_triaged_is_assessed_once_a_second_look_assessed_it() -> None:
    careful = FunctionTransport(seeing(), profile=CAREFUL)
    with InspectionAgent("offline", second_look=SecondLook(engine=careful)) as agent:
        inspection = agent.inspect(photos_of(1), id="c")
    (photo,) = inspection.photos
    assert (photo.status, photo.second_look, photo.engine) == (
        "assessed",
        "assessed",
        CAREFUL.identity,
    )
    assert inspection.status == "complete"


def test_photos_of_unsure_findings_are_looked_at_below_the_stated_confidence() -> None:
    first = seeing(
        p1=[make_issue(LEAK, 1, confidence=0.5)], p2=[make_issue(LEAK, 1, confidence=0.49)]
    )
    _, asked = look_again(first, seeing(), look=SecondLook(unsure_below=0.5))
    assert asked[2:] == [(2, "p2")]


def test_what_both_looks_see_is_one_finding_and_what_the_second_misses_is_left_to_a_person() -> (
    None
):
    first = [
        make_issue(LEAK, 1, confidence=0.3, facts=["active_water"], description="first"),
        make_issue(MOLD, 1, confidence=0.3),
    ]
    inspection, _ = look_again(
        seeing(*first),
        seeing(make_issue(LEAK, 1, description="second")),
        n=1,
        look=SecondLook(unsure_below=0.5),
    )
    found = {issue.type: issue for issue in inspection.issues}
    assert found[LEAK].look == "both"
    assert found[LEAK].observed.description == "second"
    assert found[LEAK].observed.facts == ("active_water",)
    assert found[LEAK].review == ()
    assert found[MOLD].look == "first"
    assert found[MOLD].review == ("a second look at its photos did not see it",)


def test_a_second_look_that_cannot_tell_says_nothing_against_a_finding() -> None:
    inspection, asked = look_again(
        seeing(make_issue(LEAK, 1, confidence=0.3)),
        lambda request: make_answer(request, unclear={1: "dark"}),
        n=1,
        look=SecondLook(unsure_below=0.5),
    )
    (issue,) = inspection.issues
    assert (issue.look, issue.review) == ("first", ())
    (photo,) = inspection.photos
    assert (photo.status, photo.second_look) == ("assessed", "unclear")
    assert len(asked) == 2


def test_a_triage_of_several_reads_that_a_second_look_assessed_still_tells_its_reads() -> None:
    triage = CHEAP.model_copy(update={"groups": ("water",)})
    agent = InspectionAgent(
        FunctionTransport(seeing(), profile=triage),
        reads=2,
        second_look=SecondLook(engine=FunctionTransport(seeing(), profile=CAREFUL)),
    )
    (photo,) = agent.inspect(photos_of(1)).photos
    assert (photo.status, photo.reads) == ("assessed", ReadCounts(assessed=2))


def test_a_second_look_that_fails_says_so_and_leaves_the_first() -> None:
    def second(_: VisionRequest) -> Any:
        return OutputRefused("x", attempts=1)

    inspection, _ = look_again(seeing(), second, n=1)
    (photo,) = inspection.photos
    assert (photo.status, photo.second_look, inspection.status) == (
        "assessed",
        "failed",
        "complete",
    )


def test_an_engine_that_refuses_the_key_fails_the_second_look_only() -> None:
    careful = FunctionTransport(
        lambda _: AuthenticationFailed("wrong key", provider="c"), profile=CAREFUL
    )
    with capture_events() as events:
        agent = InspectionAgent(
            FunctionTransport(seeing(), profile=CHEAP), second_look=SecondLook(engine=careful)
        )
        inspection = agent.inspect(photos_of(2))
    assert [one.second_look for one in inspection.photos] == ["failed", "failed"]
    assert {one.model for one in events.of(RequestFailed)} == {"careful"}
    assert [one.look for one in events.of(RequestSent)] == [1, 1, 2, 2]


def test_a_cache_keeps_the_two_looks_apart() -> None:
    engine = FunctionTransport(seeing(), profile=CHEAP)
    agent = InspectionAgent(engine, cache=MemoryCache(), second_look=SecondLook())
    for _ in range(2):
        assert agent.inspect(photos_of(1), id="c").photos[0].second_look == "assessed"
    assert [one.look for one in engine.requests] == [1, 2]


def test_it_comes_after_all_reads_and_goes_by_what_is_kept_of_them() -> None:
    def first(request: VisionRequest) -> str:
        return make_answer(request, [make_issue(LEAK, 1)] * (request.read == 1))

    inspection, asked = look_again(
        first, seeing(make_issue(MOLD, 1)), n=1, reads=3, keep="majority"
    )
    assert [look for look, _ in asked] == [1, 1, 1, 2]
    (issue,) = inspection.issues
    assert (issue.type, issue.look, issue.agreement) == (MOLD, "second", None)
    assert inspection.photos[0].reads == ReadCounts(assessed=3)
    assert inspection.summary.left_out == 1


def test_the_agreement_of_the_reads_stays_with_what_a_second_look_confirms() -> None:
    def first(request: VisionRequest) -> str:
        return make_answer(request, [make_issue(LEAK, 1, confidence=0.2)] * (request.read != 1))

    inspection, _ = look_again(
        first, seeing(make_issue(LEAK, 1)), n=1, reads=3, look=SecondLook(unsure_below=0.5)
    )
    (issue,) = inspection.issues
    assert (issue.look, issue.agreement) == ("both", Agreement(seen=2, reads=3, temperature=0.7))


# -- price, limits and bad input -------------------------------------------------------------------


def test_a_preview_has_the_most_that_a_second_look_takes() -> None:
    careful = FunctionTransport(seeing(), profile=CAREFUL)
    cheap = FunctionTransport(seeing(), profile=CHEAP)
    agent = InspectionAgent(cheap, second_look=SecondLook(engine=careful))
    preview = agent.preview(photos_of(3))
    assert (preview.requests, preview.model) == (3, "cheap")
    most = preview.second_look
    assert most is not None
    assert (most.requests, most.sent, most.model) == (3, 3, "careful")
    assert most.usd is not None
    assert preview.usd is not None
    assert most.usd[1] > 9 * preview.usd[1]  # ten times the price
    assert "; for a second look, at most c:careful: 3 of 3 photos in 3 requests" in str(preview)
    agent.inspect(photos_of(3))
    assert (len(cheap.requests), len(careful.requests)) == (3, 3)


def test_the_engine_of_a_second_look_shares_the_agents_budget() -> None:
    cheap = FunctionTransport(seeing(), profile=CHEAP)
    careful = FunctionTransport(seeing(), profile=CAREFUL)
    agent = InspectionAgent(
        cheap, second_look=SecondLook(engine=careful), limits=Limits(calls=3, concurrency=1)
    )
    inspection = agent.inspect(photos_of(2))
    assert (len(cheap.requests), len(careful.requests)) == (2, 1)
    assert [one.second_look for one in inspection.photos] == ["assessed", "failed"]


def test_limits_of_one_call_hold_for_both_engines() -> None:
    cheap = FunctionTransport(seeing(), profile=CHEAP)
    careful = FunctionTransport(seeing(), profile=CAREFUL)
    agent = InspectionAgent(cheap, second_look=SecondLook(engine=careful))
    agent.inspect(photos_of(2), limits=Limits(calls=3, concurrency=1))
    assert (len(cheap.requests), len(careful.requests)) == (2, 1)
    unpriced = CAREFUL.model_copy(update={"pricing": None})
    other = SecondLook(engine=FunctionTransport(seeing(), profile=unpriced))
    with pytest.raises(ConfigError, match="the price of c:careful is not known"):
        InspectionAgent(cheap, second_look=other).inspect(
            photos_of(1), limits=Limits(usd=Decimal(1))
        )


class Tended(FunctionTransport):
    """Notes that it was opened, and would work or not; equal to others, and so not hashable."""

    def __init__(self, profile: EngineProfile, works: bool = True) -> None:
        super().__init__(seeing(), profile=profile)
        self.works, self.opened = works, 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tended)

    __hash__ = None  # type: ignore[assignment]

    async def aopen(self) -> None:
        self.opened += 1

    async def check(self) -> EngineHealth:
        return EngineHealth(ok=self.works, provider=self.profile.provider, model=self.profile.model)


def test_both_engines_are_opened_and_checked() -> None:
    cheap, careful = Tended(CHEAP), Tended(CAREFUL)
    agent = InspectionAgent(Checked(cheap), second_look=SecondLook(engine=Checked(careful)))
    agent.inspect(photos_of(1))
    assert (cheap.opened, careful.opened) == (1, 1)
    assert (agent.check().ok, agent.check().model) == (True, "cheap")
    careful.works = False
    assert (agent.check().ok, agent.check().model) == (False, "careful")
    alone = InspectionAgent(Checked(cheap), second_look=SecondLook())
    alone.inspect(photos_of(1))
    assert (cheap.opened, alone.check().ok) == (2, True)


def test_closing_an_agent_closes_the_engine_that_it_made_for_the_second_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[str] = []

    class Host(FunctionTransport):
        async def aclose(self) -> None:
            closed.append("the host's")

    async def close(engine: OpenAITransport) -> None:
        closed.append(engine.profile.model)

    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    monkeypatch.setattr(OpenAITransport, "aclose", close)
    with InspectionAgent(
        Host(seeing(), profile=CHEAP), second_look=SecondLook(engine="openai:gpt-6-luna")
    ):
        pass
    assert closed == ["gpt-6-luna"]


def test_a_checkpoint_of_another_second_look_is_refused(tmp_path: Path) -> None:
    cases = [{"id": "c1", "photos": photos_of(1)}]
    engine = FunctionTransport(seeing(), profile=CHEAP)

    def run(**options: Any) -> None:
        agent = InspectionAgent(engine, **options)
        assert len(list(agent.run_many(cases, checkpoint=tmp_path / "runs.jsonl"))) == 1

    run(second_look=SecondLook())
    run(second_look=SecondLook())
    for other in ({}, {"second_look": SecondLook(unsure_below=0.5)}):
        with pytest.raises(ConfigError, match="another second_look"):
            run(**other)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a threshold above 1": (lambda: SecondLook(unsure_below=1.5), "from 0 to 1"),
    "a threshold that is text": (lambda: SecondLook(unsure_below="low"), "unsure_below"),  # type: ignore[arg-type]
    "an empty question": (
        lambda: InspectionAgent(FunctionTransport(seeing()), second_look=SecondLook(prompt=" ")),
        "is empty",
    ),
    "a triage that reads no question": (
        lambda: InspectionAgent("offline", second_look=SecondLook()),
        r"a triage .*; give SecondLook\(engine=...\)",
    ),
    "an unknown engine": (
        lambda: InspectionAgent("offline", second_look=SecondLook(engine="nobody:x")),
        "unknown engine",
    ),
    "a flag in its place": (
        lambda: InspectionAgent(FunctionTransport(seeing()), second_look=True),  # type: ignore[arg-type]
        r"second_look.*give SecondLook\(",
    ),
    "a diagnosis": (
        lambda: DiagnosisAgent(FunctionTransport(seeing()), second_look=SecondLook()),
        "use an InspectionAgent",
    ),
    "a stack that keeps its own budget": (
        lambda: InspectionAgent(
            FunctionTransport(seeing()),
            limits=Limits(calls=1),
            second_look=SecondLook(engine=stack(FunctionTransport(seeing()))),
        ),
        "a stack of your own",
    ),
}


@pytest.mark.parametrize(("make", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused_and_says_what_to_give(
    make: Callable[[], Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        make()
