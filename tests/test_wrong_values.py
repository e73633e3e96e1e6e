"""A wrong value, wherever it is given, raises an error of ours that says what to give."""

import inspect
import io
import math
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import inspectiq
from inspectiq import (
    Case,
    ConfigError,
    CostBook,
    DiagnosisAgent,
    InspectionAgent,
    InspectIQError,
    Photo,
    SeverityPolicy,
    Taxonomy,
)
from inspectiq.agents import Answer, Prompt
from inspectiq.costs import calibrate
from inspectiq.domain import Box, Property, Review
from inspectiq.limits import Ledger, Limits, ModelInfo, ModelTable
from inspectiq.net import NetPolicy
from inspectiq.photos import ImageRule
from inspectiq.reports import Language
from inspectiq.screening import EmergencyScreen
from inspectiq.severity import SeverityProfile, WorkingCalendar, project_nspire_score
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from inspectiq.transports import RetryBudget, VisionRequest
from inspectiq.webhooks import Endpoint, Pace, Schedule, SeenIds

ROOT = Path(inspectiq.__file__).parent
ROOMS = sorted(
    ".".join(("inspectiq", *path.parent.relative_to(ROOT).parts))
    for path in ROOT.rglob("__init__.pyi")
)

WRONG: tuple[Any, ...] = (
    None,
    -1,
    0,
    1.5,
    math.nan,
    math.inf,
    True,
    "",
    "odd",
    "a\0b",
    b"x",
    datetime(2026, 1, 1),
    [],
    [None],
    {},
    {1: 2},
    Path("nope"),
    "\ud800",
    "x" * 5000,
    int,
    object(),
    lambda *_: None,
)
"""Values of several kinds, of which each fits a few arguments at most."""

ABSTRACT = {"Agent"}  # Python itself refuses to make one
NOT_OURS = {"CapturedEvents", "ProgressBar"}  # a list and a bar of tqdm's: theirs is what they take


@cache
def _public() -> dict[str, Callable[..., Any]]:
    """The classes and functions at the doors of all rooms, by name."""
    found = {}
    for room in (*ROOMS, "inspectiq.config"):
        module = import_module(room)
        for name in module.__all__:
            thing = getattr(module, name)
            is_error = isinstance(thing, type) and issubclass(thing, BaseException)
            hidden = name in ABSTRACT | NOT_OURS or getattr(thing, "_is_protocol", False)
            if callable(thing) and not is_error and not hidden:
                found[name] = thing
    return found


@cache
def _things() -> dict[str, Any]:
    """Objects whose methods are tried, and classes whose class methods are."""
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
    speaker = FunctionTransport(lambda request: make_answer(request, [make_problem("clog")]))
    agent, expert = InspectionAgent(engine), DiagnosisAgent(speaker)
    inspection = agent.inspect(_draw_photo())
    table = ModelTable.default()
    return {
        "agent": agent,
        "expert": expert,
        "inspection": inspection,
        "diagnosis": expert.diagnose(description="the sink is slow"),
        "issue": inspection.issues[0],
        "severity": inspection.issues[0].severity,
        "cost": inspection.issues[0].cost,
        "usage": inspection.usage,
        "book": CostBook.default(),
        "wages": CostBook.default().wages,
        "parity": CostBook.default().parity,
        "work": CostBook.default().items["clog"],
        "policy": SeverityPolicy.of("awaab"),
        "profile": SeverityProfile.named("house"),
        "taxonomy": Taxonomy.default(),
        "type": Taxonomy.default()["mold_suspect"],
        "screen": EmergencyScreen.default(),
        "calendar": WorkingCalendar(),
        "photo": _draw_photo(),
        "ledger": Ledger(),
        "case": Case(),
        "table": table,
        "model": table.models[0],
        "price": table.models[0].pricing,
        "limits": Limits(),
        "endpoint": Endpoint(url="https://example.com/hook"),
        "prompt": Prompt("mine", "Look."),
        "rule": ImageRule(),
        "retries": RetryBudget(),
        "seen": SeenIds(),
        "box": Box(x0=0, y0=0, x1=1, y1=1),
        "net": NetPolicy(),
        "language": Language.of("es"),
        "settings": inspectiq.Settings(),
        "error": InspectIQError("it failed"),
    }


def _draw_photo() -> Photo:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(file, "JPEG")
    return Photo.from_bytes(file.getvalue(), name="white.jpg")


def _right() -> dict[str, Any]:
    """Right values by the name of the argument, so that one wrong one stands out."""
    things = _things()
    issue = things["issue"]
    return {
        "finding": issue,
        "findings": [issue],
        "case": Case(),
        "finding_id": issue.id,
        "decision": "accepted",
        "by": "me",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "because": "seen",
        "day": date(2026, 1, 2),
        "engine": FunctionTransport(lambda request: make_answer(request, ())),
        "wrapped": FunctionTransport(lambda request: make_answer(request, ())),
        "url": "https://example.com/hook",
        "endpoints": "https://example.com/hook",
        "secrets": inspectiq.webhooks.create_secret(),
        "book": CostBook.default(),
        "model": "gpt-4.1",
        "api_key": "k",
        "result": things["inspection"],
        "results": [things["inspection"]],
        "photos": things["photo"],
        "diagnosis": things["diagnosis"],
        "text": "it drips",
        "type": "clog",
        "issue_type": "clog",
        "condition": "wear",
        "units_sampled": 1,
        "request": None,
    }


INHERITED = {*dir(BaseModel), *dir(Exception)} - {"model_validate", "model_validate_json"}
UNTRIED = {
    *("close", "lifespan", "check", "messages"),  # close it, or ask the engine
    # What an agent calls with its own values, for subclasses to override.
    *("absorb", "assemble", "plan", "refine", "summarise", "write_instructions", "merge"),
    *("screen_words", "carry_on", "continue_draft", "find_earlier", "with_photos", "mark_checked"),
    "draw_wait",
    "find_outcome",  # by an id that there is not, it is a KeyError
}


def _methods() -> Iterator[tuple[str, str]]:
    for name, thing in _things().items():
        for method in dir(thing):
            known = method in INHERITED | UNTRIED
            if not method.startswith("_") and not known and callable(getattr(thing, method)):
                yield name, method


def _list_faults(call: Callable[..., Any]) -> list[str]:
    """Calls with each argument wrong in turn; lists what came that is no error of ours."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return []
    asked = [one for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
    right, faults = _right(), []
    for target in asked:
        for wrong in WRONG:
            given = {
                one.name: wrong if one is target else right.get(one.name, wrong)
                for one in asked
                if one is target or one.default is one.empty
            }
            args = [
                given.pop(one.name)
                for one in asked
                if one.kind is one.POSITIONAL_ONLY and one.name in given
            ]
            try:
                _finish(call(*args, **given))
            except InspectIQError:
                pass
            except Exception as error:
                faults.append(f"{target.name}={wrong!r}: {type(error).__name__}: {error}")
    return faults


def _finish(made: Any) -> None:
    if inspect.isgenerator(made):
        list(made)
    if inspect.iscoroutine(made):
        made.close()
    close = getattr(made, "close", None)
    if callable(close) and not isinstance(made, type):
        close()


@pytest.fixture(autouse=True)
def _quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)  # where files are made by a name that was right by chance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("name", sorted(_public()))
def test_what_is_made_or_called_with_a_wrong_value_raises_an_error_of_ours(name: str) -> None:
    assert _list_faults(_public()[name]) == []


@pytest.mark.parametrize("name", sorted(_things()))
def test_a_method_that_gets_a_wrong_value_raises_an_error_of_ours(name: str) -> None:
    thing = _things()[name]
    faults = {
        method: faults
        for owner, method in _methods()
        if owner == name and (faults := _list_faults(getattr(thing, method)))
    }
    assert faults == {}


NAIVE = datetime(2026, 1, 1)
LAST = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Property(country="ZZ9"), "Property: country: 'ZZ9' is no country; give two"),
        (lambda: Property(country="UK"), "did you mean GB?"),
        (lambda: Property(country="us"), "did you mean US?"),
        (lambda: Property(country="ZZ"), "'ZZ' is no country"),
        (lambda: Property(country="EU"), "'EU' is no country"),
        (lambda: Case(inspected_at=20240507), "inspected_at: a number is no time"),  # type: ignore[arg-type]
        (lambda: Case(inspected_at="5"), "inspected_at: a number is no time"),  # type: ignore[arg-type]
        (lambda: Case(reported_at=" 2024.5 "), "reported_at: a number is no time"),  # type: ignore[arg-type]
        (lambda: Case(inspected_at=LAST), "outside of the years 1 to 9999"),
        (lambda: Property(contry="US"), "no such field; did you mean country?"),  # type: ignore[call-arg]
        (lambda: Limits(rpm=-1), "Limits: rpm: input should be greater than 0"),
        (lambda: Case(inspected_at=NAIVE), "inspected_at: give it a time zone"),
        (lambda: Pace(timeout="soon"), "timeout: a str was given; give a number"),  # type: ignore[arg-type]
        (lambda: Schedule(jitter=2), "Schedule: jitter: input should be less than 1"),
        (lambda: Endpoint(url=7), "url: an int was given; give the address as text"),  # type: ignore[arg-type]
        (lambda: ModelInfo(name="x", effort="low"), "no such field"),  # type: ignore[call-arg]
        (lambda: Review(decision="maybe", by="me", at=NAIVE), "'accepted', 'edited' or 'rejected'"),  # type: ignore[arg-type]
        (lambda: SeverityPolicy.of("nspir"), "no 'nspir'; did you mean 'nspire'?"),
        (lambda: SeverityPolicy.of("house", floors={"damp": "awful"}), "there is low, medium"),
        (lambda: SeverityPolicy.of("house", review_below="low"), "review_below.value"),  # type: ignore[arg-type]
        (lambda: SeverityPolicy.of("house", floors=["damp"]), "give a mapping of key to level"),  # type: ignore[arg-type]
        (lambda: SeverityPolicy.of("house", rules=["x"]), "give a list of Rule"),  # type: ignore[list-item]
        (lambda: SeverityPolicy.of("house", calendar=3), "a WorkingCalendar, or a path"),  # type: ignore[arg-type]
        (lambda: InspectionAgent("offline", severity="nspir"), "'house', 'nspire'"),
        (lambda: InspectionAgent("offline", severity=3), "give a SeverityPolicy, one of"),  # type: ignore[arg-type]
        (lambda: InspectionAgent("offline", cost_book="uk"), "give a CostBook, 'us', or a path"),
        (lambda: InspectionAgent("offline", taxonomy="mine"), "a Taxonomy, or a path that ends in"),
        (lambda: InspectionAgent("offline", clock=lambda: NAIVE), "clock: a time without a time"),
        (lambda: calibrate([], [], book="uk"), "book: there is no 'uk'"),
        (lambda: project_nspire_score([], 1, policy="nspre"), "did you mean 'nspire'?"),
        (lambda: Answer(None), "an answer has either"),  # type: ignore[arg-type]
        (lambda: Inspection_json("{}"), "Inspection: id: this is missing; give it"),
    ],
)
def test_the_error_says_what_to_give(make: Callable[[], object], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert told in str(caught.value)


def Inspection_json(text: str) -> object:
    return inspectiq.Inspection.model_validate_json(text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"decision": "maybe"}, "'accepted', 'edited' or 'rejected'"),
        ({"at": NAIVE}, "give it a time zone"),
        ({"at": "yesterday"}, "at: "),
        ({"at": 20240507}, "at: a number is no time"),
        ({"at": LAST}, "outside of the years"),
        ({"by": ""}, "by: "),
        ({"decision": "edited", "label": 7}, "label: input should be a valid string, and an int"),
        ({"decision": "edited", "lable": "x"}, "'lable' cannot be edited; what can is"),
        ({"decision": "edited", "severity": "low"}, "severity: "),
        ({"severity_policy": "nspir"}, "did you mean 'nspire'?"),
        ({"cost_book": 3}, "give a CostBook, 'us'"),
    ],
)
def test_a_wrong_review_says_what_to_give(changes: dict[str, Any], told: str) -> None:
    result = _things()["inspection"]
    given = {"decision": "accepted", "by": "me", "at": datetime(2026, 1, 1, tzinfo=UTC), **changes}
    with pytest.raises(ConfigError) as caught:
        result.with_review(result.issues[0].id, **given)
    assert told in str(caught.value)


def test_an_error_about_a_value_holds_nothing_of_the_value() -> None:
    secret = "the tenant of 12 Elm Street"
    with pytest.raises(ConfigError) as caught:
        Property(address=secret, year_built=secret)  # type: ignore[arg-type]
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "Elm" not in str(caught.value)
    frames = [frame.f_locals for frame, _ in traceback_frames(caught.value)]
    assert not any("Elm" in repr(values) for values in frames[1:])


def traceback_frames(error: BaseException) -> Iterator[tuple[Any, int]]:
    place = error.__traceback__
    while place is not None:
        yield place.tb_frame, place.tb_lineno
        place = place.tb_next


def test_an_engine_that_makes_a_wrong_value_fails_its_photo_and_not_the_run() -> None:
    class Odd(FunctionTransport):
        async def send(self, request: VisionRequest, /) -> Any:
            return inspectiq.VisionResponse(text=None)  # type: ignore[arg-type, call-arg]

    result = InspectionAgent(Odd(lambda _: ""), limits=Limits(calls=20)).inspect(_draw_photo())
    assert result.status == "failed"
    fault = result.photos[0].fault
    assert fault is not None
    assert "VisionResponse: text" in fault.message
