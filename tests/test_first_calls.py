"""What people call first and get wrong: the message says what to write instead, in few words."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    Case,
    ConfigError,
    DiagnosisAgent,
    EngineProfile,
    Inspection,
    InspectionAgent,
    IssueObservation,
    OpenAITransport,
    Photo,
    ProblemObservation,
    Property,
    Taxonomy,
    VisionRequest,
    VisionResponse,
    WebhookNotifier,
)
from inspectiq.domain import Box
from inspectiq.errors import BadRequest, UnsafeURL
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.webhooks import Endpoint, MemoryOutbox
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import StandIn, failure

JPEG = render_jpeg(1)
NOISE = bytes(range(256)) * 30  # as much as an encoded photo is not like words


def make_engine(**fields: Any) -> FunctionTransport:
    return FunctionTransport(lambda asked: make_answer(asked, [make_issue("clog", 1, **fields)]))


@pytest.fixture(scope="module")
def agent() -> InspectionAgent:
    return InspectionAgent(make_engine())


@pytest.fixture(scope="module")
def inspection(agent: InspectionAgent) -> Inspection:
    return agent.inspect(JPEG)


# -- photos ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        (base64.b64encode(NOISE).decode(), "base64.b64decode(text)"),
        (base64.encodebytes(NOISE).decode(), "base64.b64decode(text)"),
        (base64.urlsafe_b64encode(NOISE).decode(), "base64.b64decode(text)"),
        (NOISE.hex(), "bytes.fromhex(text)"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: [JPEG, text]])
def test_an_encoded_photo_is_named_as_that_and_not_repeated(
    agent: InspectionAgent, text: str, mend: str, wrap: Callable[[str], Any]
) -> None:
    with pytest.raises(ConfigError) as caught:
        agent.inspect(wrap(text))
    assert mend in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "words",
    [
        "I smell gas near the stove and it gets stronger",
        "The sink drips. It is wet below",
        "Is it gas? I smell it.",
        "Gas leak!",
        "It drips!\nA lot.",
        "gas " * 200,
    ],
)
def test_words_in_the_place_of_photos_are_sent_to_description_and_not_repeated(words: str) -> None:
    with pytest.raises(ConfigError, match="give words as description=") as caught:
        DiagnosisAgent(make_engine()).diagnose(words)
    assert words.split(maxsplit=1)[0] not in str(caught.value).split()


@pytest.mark.parametrize("path", ["/no/such folder of photos", "no such *.jpg of mine", "gone"])
def test_a_path_of_nothing_is_still_named(agent: InspectionAgent, path: str) -> None:
    with pytest.raises(ConfigError, match="nothing was found in"):
        agent.inspect(path)


def test_a_missing_file_with_spaces_in_its_name_fails_alone(agent: InspectionAgent) -> None:
    found = agent.inspect([JPEG, "the sink on 12 March.jpg", "photos of the old bath"])
    assert [outcome.status for outcome in found.photos] == ["assessed", "failed", "failed"]


def test_photos_can_be_named_in_every_call(agent: InspectionAgent) -> None:
    assert agent.inspect(photos=JPEG).status == "complete"
    assert agent.preview(photos=JPEG).photos == 1


async def test_photos_can_be_named_in_async_calls(agent: InspectionAgent) -> None:
    assert (await agent.ainspect(photos=JPEG)).status == "complete"
    assert (await agent.apreview(photos=JPEG)).photos == 1


@pytest.mark.parametrize("given", [[Case()], {"kitchen": Case()}])
def test_a_case_among_photos_is_told_to_go_alone(agent: InspectionAgent, given: Any) -> None:
    with pytest.raises(ConfigError, match=r"^photos\[.{1,9}\] is .*a Case goes alone"):
        agent.inspect(given)


def test_a_result_is_not_taken_for_photos(agent: InspectionAgent, inspection: Inspection) -> None:
    with pytest.raises(ConfigError, match=r"photos is of type .*Inspection; give a path"):
        agent.inspect(inspection)


# -- fields ----------------------------------------------------------------------------------------


def test_none_is_not_given_in_every_field_of_a_case(agent: InspectionAgent) -> None:
    optional: dict[str, Any] = dict.fromkeys(
        ("id", "property", "room", "inspected_at", "reported_at", "investigated_at")
    )
    optional |= dict.fromkeys(("language", "tags", "revision", "description"))
    found = agent.inspect(JPEG, observers=None, limits=None, **optional)
    assert (found.case.language, found.case.tags, found.revision) == ("en", {}, 1)
    del optional["room"]
    assert Case(**optional).property == Property()
    with pytest.raises(ConfigError, match="yeer: there is no such field"):
        agent.inspect(JPEG, yeer=None)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"severity": "nspire"}, "give it to the agent when it is made, as severity="),
        ({"cost_book": "us"}, "give it to the agent when it is made, as cost_book="),
        ({"engine": "offline"}, "give it to the agent when it is made, as engine="),
        ({"model": "gpt-4.1"}, "give it to the agent when it is made, as engine="),
        ({"case_id": "c"}, "give the id of the case as id="),
        ({"state": "CA"}, "give property=Property(state=...)"),
        ({"address": "Elm 1"}, "give property=Property(address=...)"),
        ({"progress": True}, "give observers=[ProgressBar()]"),
        ({"text": "It drips."}, "give words as description="),
        ({"zebra": 1}, "there is id, property, description"),
        ({"language": "German"}, "give one such as 'en', 'de'"),
        ({"property": "CA"}, "give a valid dictionary of its fields, or Property(...)"),
        ({"reported_at": "yesterday"}, "give a datetime with a time zone"),
    ],
)
def test_a_wrong_keyword_is_told_where_it_belongs(
    agent: InspectionAgent, field: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        agent.inspect(JPEG, **field)
    assert str(caught.value).startswith(f"the case cannot be made: {next(iter(field))}: ")
    assert told in str(caught.value)


def test_values_made_of_a_wrong_thing_say_how_they_are_made() -> None:
    with pytest.raises(ConfigError, match=r"Photo\.from_path"):
        Case(photos="photos")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"Photo\.from_path"):
        Photo("a.jpg")  # type: ignore[arg-type]


def test_the_class_that_is_shown_is_the_documented_one() -> None:
    with pytest.raises(ConfigError) as caught:
        Case(language="German")
    assert type(caught.value) is ConfigError
    assert "of_value" not in caught.value.to_dict()


# -- subclasses ------------------------------------------------------------------------------------


async def _late(*_: Any) -> None:
    raise AssertionError("nobody awaits it")


WRONG_METHODS: dict[str, tuple[str, Callable[..., Any], str]] = {
    "a text": ("grade", lambda *_: "high", "grade returned a str; return a Severity"),
    "nothing": ("grade", lambda *_: None, "grade returned None; return a Severity"),
    "async": ("grade", _late, "grade is async; make it a plain method"),
    "a number": ("estimate", lambda *_: 120, "estimate returned an int; return a CostEstimate"),
    "not refined": (
        "refine",
        lambda _, seen, __: seen,
        "refine returned an IssueObservation; return a finding",
    ),
    "no list": ("merge", lambda *_: None, "merge returned None; return a list"),
    "odd list": ("merge", lambda *_: [1], "merge returned a list with an int; return a list"),
    "a headline": ("summarise", lambda *_: "clean", "summarise returned a str; return a Summary"),
    "no words": ("write_instructions", lambda *_: None, "write_instructions returned None"),
    "no base": ("__init__", lambda *_: None, r"__init__ does not call super\(\)\.__init__"),
}


@pytest.mark.parametrize("fault", WRONG_METHODS)
def test_a_method_that_returns_the_wrong_thing_is_named(fault: str) -> None:
    name, method, told = WRONG_METHODS[fault]
    mine = type("Mine", (InspectionAgent,), {name: method})
    with pytest.raises(ConfigError, match=rf"^Mine\.{told}"):
        mine(make_engine()).inspect(JPEG)


@pytest.mark.parametrize("model", [int, dict, ProblemObservation, "IssueObservation"])
def test_a_model_in_brackets_that_cannot_be_is_refused(model: Any) -> None:
    with pytest.raises(ConfigError, match="give a subclass of IssueObservation"):

        class Mine(InspectionAgent[model]):
            pass


def test_a_model_set_on_the_class_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match="give a subclass of ProblemObservation"):

        class Mine(DiagnosisAgent):
            observation_model = IssueObservation  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("name", "value"), [("severity", "nspire"), ("taxonomy", Taxonomy), ("cost_book", "us")]
)
def test_what_a_class_sets_for_its_constructor_is_refused(name: str, value: Any) -> None:
    made = value.default() if value is Taxonomy else value
    with pytest.raises(ConfigError, match=rf"Mine\.{name} is set on the class"):
        type("Mine", (InspectionAgent,), {name: made})


def test_a_wire_field_that_changes_one_that_ships_is_refused() -> None:
    class Numbered(IssueObservation):
        severity: int  # type: ignore[assignment]

    class Mine(InspectionAgent[Numbered]):
        pass

    with pytest.raises(ConfigError, match=r"Numbered\.severity is a field that ships"):
        Mine(make_engine())


def test_a_wire_field_that_only_narrows_one_that_ships_is_taken() -> None:
    class Placed(IssueObservation):
        location: str

    class Mine(InspectionAgent[Placed]):
        pass

    found = Mine(make_engine(location="under the sink")).inspect(JPEG)
    assert found.issues[0].location.words == "under the sink"


# -- engines ---------------------------------------------------------------------------------------

ANSWER = VisionResponse(text="{}", engine=EngineProfile(model="x").to_record())


class Buggy:
    async def send(self, request: VisionRequest, /) -> VisionResponse:
        raise KeyError("a tenant's words")


class Blocking:
    def send(self, request, /):  # type: ignore[no-untyped-def]
        return ANSWER


class Annotated:
    def send(self, request: VisionRequest, /) -> VisionResponse:
        return ANSWER


class Greedy:
    async def send(self, request: VisionRequest, more: int) -> VisionResponse:
        return ANSWER


class Passing:
    """A plain method that returns what can be awaited."""

    def __init__(self, engine: FunctionTransport) -> None:
        self.engine = engine

    def send(self, request, /):  # type: ignore[no-untyped-def]
        return self.engine.send(request)


def test_a_bug_in_an_engine_is_told_by_its_line_and_without_its_text() -> None:
    line = Buggy.send.__code__.co_firstlineno + 1
    for engine in (Buggy(), [Buggy(), Buggy()]):
        fault = InspectionAgent(engine).inspect(JPEG)["p1"].fault
        assert fault is not None
        assert f"raised KeyError at {Path(__file__).name}:{line}," in fault.message
        assert "tenant" not in fault.message


def test_an_engine_that_is_not_async_is_named_when_it_is_asked() -> None:
    fault = InspectionAgent(Blocking()).inspect(JPEG)["p1"].fault
    assert fault is not None
    assert "Blocking.send is not async" in fault.message


@pytest.mark.parametrize(
    ("engine", "told"), [(Annotated(), "is not async"), (Greedy(), "takes .*request alone")]
)
def test_an_engine_that_cannot_work_is_refused_when_the_agent_is_made(
    engine: Any, told: str
) -> None:
    with pytest.raises(ConfigError, match=rf"{type(engine).__name__}\.send {told}"):
        InspectionAgent(engine)


def test_an_engine_whose_plain_send_returns_something_to_be_awaited_works() -> None:
    assert InspectionAgent(Passing(make_engine())).inspect(JPEG).status == "complete"


def test_a_base_url_without_a_scheme_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="base_url: begin it with http:// or https://"):
        OpenAITransport("gpt-4.1", base_url="127.0.0.1:8471/v1", api_key="sk-not-a-key-1234")


async def test_a_path_that_is_not_there_names_the_missing_v1_first() -> None:
    with StandIn(lambda _: failure(404)) as server:
        engine = OpenAITransport(
            "gpt-4.1", api="chat", base_url=server.url, api_key="sk-not-a-key-1234"
        )
        with pytest.raises(BadRequest, match=r"want base_url to end in /v1: check that, the model"):
            await InspectionAgent(engine).ainspect(JPEG)
        await engine.aclose()


# -- reviews ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "changes", "told"),
    [
        ("edited", {"severity": "low"}, r"policy\.make_severity\('low'"),
        ("edited", {"cost": 120}, r"CostEstimate\.stated_range"),
        ("edited", {"cost": Decimal(120)}, r"CostEstimate\.stated_range"),
        ("edited", {"quantity": 9}, r"Quantity\(amount=9, unit="),
        ("edited", {"location": "Bathroom"}, r"Location\(room="),
        ("accepted", {"severity": "nspire"}, "severity_policy="),
        ("accepted", {"at": "yesterday"}, "at: a str was given; give a datetime"),
    ],
)
def test_a_wrong_review_is_told_what_to_give(
    inspection: Inspection, decision: Any, changes: dict[str, Any], told: str
) -> None:
    fields = {"by": "Ana", "at": datetime(2026, 3, 2, tzinfo=UTC), **changes}
    with pytest.raises(ConfigError, match=told):
        inspection.with_review(inspection.issues[0].id, decision, **fields)


def test_a_finding_in_the_place_of_its_id_is_not_repeated(inspection: Inspection) -> None:
    found: Any = inspection.issues[0]
    with pytest.raises(ConfigError, match=r"give finding\.id") as caught:
        inspection.with_review(found, "accepted", by="Ana", at=datetime.now(UTC))
    assert len(str(caught.value)) < 100


# -- boxes and reports -----------------------------------------------------------------------------


def test_a_box_is_its_four_numbers() -> None:
    box = Box(x0=0.1, y0=0.2, x1=0.5, y1=0.4)
    x0, y0, x1, y1 = box
    assert (x0, y0, x1, y1) == box.to_tuple() == (0.1, 0.2, 0.5, 0.4)
    assert Box.model_validate_json(box.model_dump_json()) == box


@pytest.mark.parametrize("box", [[600, 600, 100, 100], [200, 300, 200, 400]])
def test_a_box_that_is_no_place_is_counted(box: list[int]) -> None:
    def answer(request: VisionRequest) -> str:  # scripted
        written = json.loads(make_answer(request, [make_issue("clog", 1)]))
        written["issues"][0]["evidence"] = [{"photo": 1, "box": box}]
        return json.dumps(written)

    found = InspectionAgent(FunctionTransport(answer)).inspect(JPEG)
    assert found.issues[0].evidence[0].box is None
    assert found["p1"].mended == {"unusable_box": 1}


def test_fields_within_a_field_of_ones_own_are_written_in_words(inspection: Inspection) -> None:
    extra = {"crack": {"width_cm": 2.0, "wet": True, "ends": [{"at": "door"}]}}
    issue = inspection.issues[0].model_copy(update={"extra": extra})
    shown = Inspection.model_validate(
        {**inspection.model_dump(), "issues": [issue.model_dump()]}
    ).to_markdown()
    assert "FrozenMap" not in shown
    assert "Crack: width cm 2.0, wet yes, ends at door" in shown


# -- webhooks --------------------------------------------------------------------------------------


def notifier_of(endpoint: Any) -> WebhookNotifier:
    return WebhookNotifier(endpoint, outbox=MemoryOutbox(), background=False)


@pytest.mark.parametrize("results", [("inspections",), ("inspection", "Diagnosis"), ()])
def test_an_endpoint_that_would_never_be_sent_anything_is_refused(results: Any) -> None:
    with pytest.raises(ConfigError, match=r"there are inspection, diagnosis|nothing would be sent"):
        notifier_of(Endpoint(url="https://crm.example.com/hooks", results=results))


@pytest.mark.parametrize(
    "url", ["crm.example.com/hooks", "crm.example.com:8443/hooks", "localhost:8000/hooks"]
)
def test_a_url_without_a_scheme_is_told_how_to_begin(url: str) -> None:
    with pytest.raises(UnsafeURL, match="begin it with https://") as caught:
        notifier_of(url)
    assert caught.value.reason == "scheme"


@pytest.mark.parametrize("given", [{"a": 1}, None, "r-1"])
def test_what_is_no_result_makes_no_webhook(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"result: .* give an Inspection or a Diagnosis"):
        notifier_of("https://crm.example.com/hooks").notify(given)
