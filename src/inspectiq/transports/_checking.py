"""Checks answers: parses them, names the photos that they fail for, raises where none is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import JsonValue

from inspectiq._refusals import is_of_value
from inspectiq._text import shorten_json, strip_invisible_json
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap
from inspectiq.errors import (
    ConfigError,
    OutputError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    TransportError,
)
from inspectiq.transports._base import (
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    send_to,
    wrap_untyped,
)
from inspectiq.transports._mending import mend
from inspectiq.transports._unwrapping import NoAnswer, find_object
from inspectiq.transports._wire import PARTS, asks_overall, make_photo_key

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_TEXT = 5_000  # characters of one text of an answer, as of a person's answer; our assumption

__all__ = ["Checked", "check_response", "raise_for_finish", "write_taxonomy_hint"]


class Checked(WrapperTransport):
    """Prices each answer of the engine below, and checks it against its request."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Sends the request, prices the answer and checks it."""
        try:
            response = await send_to(self.wrapped, request)
        except ConfigError as error:
            if is_of_value(error):  # the engine's fault, and it may have been paid for
                raise wrap_untyped(error, self.profile.provider) from error
            raise
        if type(response) is VisionResponse:  # what is none is told by the check
            usage = self.profile.price_usage(response.usage)
            response = response.model_copy(update={"usage": usage})
        return check_response(request, response)


@hide_locals
def check_response(request: VisionRequest, response: VisionResponse) -> VisionResponse:
    """Returns the response with `output` parsed and `problems` named, by photo number.

    What stands around the one JSON object of the text, and small errors of form within it, are
    passed over and counted in `mended`, also where an engine promised to keep to the schema. A text
    of over 5,000 characters is cut, says so at its end, and is counted too.

    A photo has a problem if its verdict is missing or malformed, or if a finding that names it is
    malformed. `overall` has the number 0, as has a request without photos.
    Findings that are malformed, and verdicts on photos that were not sent, are taken out of
    `output`.

    Args:
        request: What was asked.
        response: What came.

    Raises:
        OutputTruncated, OutputRefused, OutputFiltered: By the finish status.
        OutputInvalid: No part of the answer can be used.
    """
    if not isinstance(response, VisionResponse):
        raise TransportError(
            f"`send` returned {type(response).__name__}; return a VisionResponse, with the "
            "engine's text in it"
        )
    if response.was_checked:
        return response
    raise_for_finish(response)
    return _Check(request, response).run()


class _Check:
    """The check of one answer: its problems by photo number, and what was mended in it."""

    def __init__(self, request: VisionRequest, response: VisionResponse) -> None:
        definitions: Any = request.schema["$defs"]  # a FrozenMap, as all that one holds
        self._response = response
        self._form = _load_form(definitions)
        self._numbers = [part.number for part in request.photos]
        self._has_overall = asks_overall(request.schema)
        # What may have a problem: each photo, and 0 for `overall` or a request without photos.
        whole = self._has_overall or not self._numbers
        self._asked = [*self._numbers, 0] if whole else self._numbers
        self._problems = {int(number): text for number, text in response.problems.items()}
        self._mended = Counter[str](response.mended)

    def run(self) -> VisionResponse:
        """Returns the response with its good parts, its problems and what was mended."""
        answer = self._read_answer()
        verdicts, issues = answer.get("photos"), answer.get("issues")
        if not isinstance(verdicts, Mapping) or not isinstance(issues, list):
            self._raise_invalid({0: "`photos` must be an object and `issues` a list"})
        good_verdicts = self._check_verdicts(verdicts)
        overall = self._check_overall(answer.get("overall"))
        good_issues = self._check_issues(issues)
        if self._problems.keys() >= set(self._asked) and not good_issues:
            self._raise_invalid(self._problems)
        good: dict[str, Any] = {"photos": good_verdicts, "issues": good_issues}
        return self._response.mark_checked(
            output=FrozenMap({**good, "overall": overall} if self._has_overall else good),
            problems=FrozenMap({str(number): text for number, text in self._problems.items()}),
            mended=FrozenMap(+self._mended),
        )

    def _read_answer(self) -> Mapping[str, Any]:
        output = self._response.output
        whole = self._parse() if output is None else output.to_dict()
        answer: dict[str, Any]
        answer, shortened = shorten_json(whole, MOST_TEXT)
        self._mended["long_text"] += shortened
        parts = ["photos", "issues", "overall"] if self._has_overall else ["photos", "issues"]
        for name in answer.keys() - parts:
            if isinstance(answer[name], dict | list) and answer[name]:  # it may hold findings
                self._raise_invalid({0: f"there is more in it than {' and '.join(parts)}"})
            self._mended["unknown_keys"] += 1
        return answer

    def _parse(self) -> Mapping[str, Any]:
        try:
            answer, around = find_object(self._response.text)
            shown: dict[str, Any] = strip_invisible_json(answer)
        except NoAnswer as wrong:
            self._raise_invalid({0: str(wrong)})
        except RecursionError:
            self._raise_invalid({0: "not JSON"})
        self._mended.update(around)
        return shown

    def _check_verdicts(self, verdicts: Mapping[str, Any]) -> dict[str, Any]:
        good = {}
        for number in self._numbers:
            key = make_photo_key(number)
            verdict = verdicts.get(key)
            wrong: str | None = "no verdict"
            if verdict is not None:
                verdict, wrong = self._form.fit("verdict", verdict, self._mended)
            if wrong:
                self._problems.setdefault(number, wrong)
            else:
                good[key] = verdict
        return good

    def _check_overall(self, overall: Any) -> Any:
        if not self._has_overall:
            return None
        overall, wrong = self._form.fit("overall", overall, self._mended)
        if wrong:
            self._problems.setdefault(0, f"overall: {wrong}")
        return None if wrong else overall

    def _check_issues(self, issues: list[Any]) -> list[Any]:
        good = []
        for position, raw in enumerate(issues, start=1):
            issue, wrong = self._form.fit("finding", raw, self._mended)
            if not wrong:
                self._mended["unusable_box"] += _count_flat_boxes(issue)
                good.append(issue)
                continue
            # Which photo a finding is about may be unreadable: then no verdict can be trusted.
            for number in _find_named_photos(issue, self._numbers) or self._asked:
                self._problems.setdefault(number, f"finding {position}: {wrong}")
        return good

    def _raise_invalid(self, problems: Mapping[int, str]) -> NoReturn:
        where = "; ".join(
            f"photo {number}: {text}" if number else text for number, text in problems.items()
        )
        raise OutputInvalid(
            f"nothing of the answer can be used ({where}){write_taxonomy_hint(problems.values())}",
            problems=problems,
            usage=self._response.usage,
            attempts=self._response.usage.requests,
        )


def write_taxonomy_hint(problems: Iterable[str]) -> str:
    """Writes what a host can do where an answer has a type that was not asked for; "" elsewhere.

    It is for messages only: problems are also told to the engine, which has no taxonomy to change.
    """
    if not any("issue_type does not fit the schema (enum)" in problem for problem in problems):
        return ""
    return "; the type is not in the agent's taxonomy: if it is one of yours, pass `taxonomy=`"


_FINISH_ERRORS: dict[str, tuple[type[OutputError], str]] = {
    "length": (
        OutputTruncated,
        "the answer was cut off at its bound or at the end of the context; send fewer photos in "
        "one request, or give the model more room",
    ),
    "refusal": (OutputRefused, "the model declined to answer; look at the photos yourself"),
    "filter": (OutputFiltered, "a content filter stopped the answer; look at the photos yourself"),
}


def raise_for_finish(response: VisionResponse, *, but_not: str = "") -> None:
    """Raises an error for an answer cut off, refused or filtered; not for the status `but_not`."""
    if response.finish in _FINISH_ERRORS and response.finish != but_not:
        error, message = _FINISH_ERRORS[response.finish]
        raise error(message, usage=response.usage, attempts=response.usage.requests)


def _count_flat_boxes(issue: Any) -> int:
    """Counts the boxes of a good finding that have no area; evidence without a place is made."""
    boxes = [item["box"] for item in issue.get("evidence", ()) if item.get("box") is not None]
    return sum(x0 >= x1 or y0 >= y1 for x0, y0, x1, y1 in boxes)


def _find_named_photos(issue: Any, numbers: list[int]) -> list[int]:
    """Finds the photos that a malformed finding names, if its evidence can be read."""
    evidence = issue.get("evidence") if isinstance(issue, dict) else None
    items = evidence if isinstance(evidence, list) else []
    named = [item.get("photo") for item in items if isinstance(item, dict)]
    return [number for number in numbers if number in named]


@lru_cache(maxsize=32)
def _load_form(definitions: FrozenMap[JsonValue]) -> _AnswerForm:
    """Loads the form of an answer; once for an agent, whose definitions are one object."""
    return _AnswerForm(definitions.to_dict())


class _AnswerForm:
    """The parts of an answer, as the request's schema wants them."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        from jsonschema import Draft202012Validator  # on first use: it takes 70 ms to import

        self._definitions = definitions
        self._by_name = {
            name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
            for name in PARTS
            if name in definitions
        }

    def fit(self, name: str, value: Any, mended: Counter[str]) -> tuple[Any, str | None]:
        """Returns a part that fits, mended where it must be; else what is wrong with it."""
        wrong = self._find_error(name, value)
        if wrong is None:
            return value, None
        nearer, done = mend(value, self._definitions[name], self._definitions)
        if left := self._find_error(name, nearer):  # not what could be mended
            return value, left
        mended.update(done)
        return nearer, None

    def _find_error(self, name: str, value: Any) -> str | None:
        """Says what is wrong, without any text of the answer; None if nothing is."""
        error = next(iter(self._by_name[name].iter_errors(value)), None)
        if error is None:
            return None
        path = ".".join(str(step) for step in error.absolute_path if isinstance(step, int | str))
        return f"{path or 'it'} does not fit the schema ({_describe_rule(error)})"


def _describe_rule(error: ValidationError) -> str:
    """Names the rule that was broken, and what is wanted, in the schema's own words."""
    rule = str(error.validator)
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    if rule == "required":
        return f"{rule}: {', '.join(name for name in wanted if name not in found)}"
    if schema.get("type") == "integer" and {"minimum", "maximum"} <= schema.keys():
        return f"{rule}: whole numbers, {schema['minimum']}-{schema['maximum']}"
    if rule in ("minItems", "maxItems"):  # such as of a box, which has four numbers
        return f"{rule}: {wanted}"
    return rule
