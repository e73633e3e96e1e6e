"""Turns an answer that cannot be used into a typed error, and names the photos it fails for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn

from pydantic import JsonValue

from inspectiq._text import strip_invisible_json
from inspectiq._values import FrozenMap
from inspectiq.errors import (
    OutputError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    TransportError,
)
from inspectiq.transports._base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    get_profile,
)
from inspectiq.transports._mending import mend
from inspectiq.transports._unwrapping import NoAnswer, find_object
from inspectiq.transports._wire import PARTS, asks_overall, make_photo_key

__all__ = ["Checked", "check_answers", "check_response", "raise_for_finish"]


class Checked(WrapperTransport):
    """A transport whose answers have been checked against the request, and have their price."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        response = await self.wrapped.send(request)
        if type(response) is VisionResponse:  # what is none is told by the check
            priced = get_profile(self.wrapped).priced(response.usage)
            response = response.model_copy(update={"usage": priced})
        return check_response(request, response)


def check_answers(leaf: Transport) -> Transport:
    """The leaf, with `check_response` applied to every answer."""
    return Checked(leaf)


def check_response(request: VisionRequest, response: VisionResponse) -> VisionResponse:
    """The response with `output` parsed and `problems` named, by photo number.

    What stands around the one JSON object of the text, and small faults of form within it, are
    passed over and counted in `mended`, also where an engine promised to keep to the schema.

    A photo has a problem if its verdict is missing or malformed, or if a finding that names it is
    malformed. What is said of the whole has the number 0, as has a request without photos.
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
    numbers = [part.number for part in request.photos]
    whole = asks_overall(request.schema)
    asked = [*numbers, 0] if whole or not numbers else numbers
    mended = Counter[str](response.mended)
    answer = _parse(response, mended) if response.output is None else response.output.to_dict()
    parts = ["photos", "issues", "overall"] if whole else ["photos", "issues"]
    for name in answer.keys() - parts:
        if isinstance(answer[name], dict | list) and answer[name]:  # it may hold findings
            _invalid(response, {0: f"there is more in it than {' and '.join(parts)}"})
        mended["unknown_keys"] += 1
    verdicts, issues = answer.get("photos"), answer.get("issues")
    if not isinstance(verdicts, Mapping) or not isinstance(issues, list):
        _invalid(response, {0: "`photos` must be an object and `issues` a list"})

    definitions = request.schema["$defs"]
    assert isinstance(definitions, FrozenMap)
    form = _form(definitions)
    problems = {int(number): text for number, text in response.problems.items()}
    good_verdicts: dict[str, Any] = {}
    for number in numbers:
        verdict = verdicts.get(make_photo_key(number))
        wrong: str | None = "no verdict"
        if verdict is not None:
            verdict, wrong = form.fitted("verdict", verdict, mended)
        if wrong:
            problems.setdefault(number, wrong)
        else:
            good_verdicts[make_photo_key(number)] = verdict
    overall = answer.get("overall")
    if whole:
        overall, wrong = form.fitted("overall", overall, mended)
        if wrong:
            problems.setdefault(0, f"overall: {wrong}")
            overall = None
    good_issues = []
    for position, raw in enumerate(issues):
        issue, wrong = form.fitted("finding", raw, mended)
        if not wrong:
            good_issues.append(issue)
            continue
        # Which photo a finding is about may be unreadable: then no verdict can be trusted.
        for number in _named_photos(issue, numbers) or asked:
            problems.setdefault(number, f"finding {position + 1}: {wrong}")
    if problems and set(problems) >= set(asked) and not good_issues:
        _invalid(response, problems)
    good = {"photos": good_verdicts, "issues": good_issues}
    return response.as_checked(
        output=FrozenMap({**good, "overall": overall} if whole else good),
        problems=FrozenMap({str(number): text for number, text in problems.items()}),
        mended=FrozenMap({name: count for name, count in mended.items() if count}),
    )


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
    """Raises the error of a finish status that makes an answer unusable, but not of this one."""
    if response.finish in _FINISH_ERRORS and response.finish != but_not:
        error, message = _FINISH_ERRORS[response.finish]
        raise error(message, usage=response.usage, attempts=response.usage.requests)


def _parse(response: VisionResponse, mended: Counter[str]) -> Mapping[str, Any]:
    try:
        answer, around = find_object(response.text)
        shown: dict[str, Any] = strip_invisible_json(answer)
    except NoAnswer as wrong:
        _invalid(response, {0: str(wrong)})
    except RecursionError:
        _invalid(response, {0: "not JSON"})
    mended.update(around)
    return shown


def _invalid(response: VisionResponse, problems: Mapping[int, str]) -> NoReturn:
    where = "; ".join(
        f"photo {number}: {text}" if number else text for number, text in problems.items()
    )
    raise OutputInvalid(
        f"nothing of the answer can be used ({where})",
        problems=problems,
        usage=response.usage,
        attempts=response.usage.requests,
    )


def _named_photos(issue: Any, numbers: list[int]) -> list[int]:
    """The photos that a malformed finding is about, as far as its evidence can be read."""
    evidence = issue.get("evidence") if isinstance(issue, dict) else None
    items = evidence if isinstance(evidence, list) else []
    named = [item.get("photo") for item in items if isinstance(item, dict)]
    return [number for number in numbers if number in named]


@lru_cache(maxsize=32)
def _form(definitions: FrozenMap[JsonValue]) -> _Form:
    """The same for all requests of an agent, whose definitions are one object."""
    return _Form(definitions.to_dict())


class _Form:
    """The parts of an answer, as the request's schema wants them."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        from jsonschema import Draft202012Validator  # on first use: it takes 70 ms to import

        self._definitions = definitions
        self._by_name = {
            name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
            for name in PARTS
            if name in definitions
        }

    def fitted(self, name: str, value: Any, mended: Counter[str]) -> tuple[Any, str | None]:
        """A part that fits, mended where it must be; else what is wrong with it as it came."""
        wrong = self._wrong(name, value)
        if wrong is None:
            return value, None
        nearer, done = mend(value, self._definitions[name], self._definitions)
        if self._wrong(name, nearer) is not None:
            return value, wrong
        mended.update(done)
        return nearer, None

    def _wrong(self, name: str, value: Any) -> str | None:
        """What is wrong, without any text of the answer; None if nothing is."""
        error = next(iter(self._by_name[name].iter_errors(value)), None)
        if error is None:
            return None
        path = ".".join(str(step) for step in error.absolute_path if isinstance(step, int | str))
        return f"{path or 'it'} does not fit the schema ({error.validator})"
