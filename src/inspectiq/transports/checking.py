"""Turns an answer that cannot be used into a typed error, and names the photos it fails for."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn

from pydantic import JsonValue

from inspectiq.domain.base import FrozenMap
from inspectiq.domain.text import visible_json
from inspectiq.errors import (
    OutputError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    TransportError,
)
from inspectiq.transports.base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    profile_of,
)
from inspectiq.transports.wire import PARTS, asks_overall, photo_key

__all__ = ["Checked", "check_response", "checked"]


class Checked(WrapperTransport):
    """A transport whose answers have been checked against the request, and have their price."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        profile = profile_of(self.wrapped)
        response = await self.wrapped.send(request)
        if type(response) is VisionResponse:  # what is none is told by the check
            priced = profile.priced(response.usage)
            response = response.model_copy(update={"usage": priced})
        return check_response(request, response, fenced=not profile.strict_schemas)


def checked(leaf: Transport) -> Transport:
    """The leaf, with `check_response` applied to every answer."""
    return Checked(leaf)


def check_response(
    request: VisionRequest, response: VisionResponse, *, fenced: bool = False
) -> VisionResponse:
    """The response with `output` parsed and `problems` named, by photo number.

    A photo has a problem if its verdict is missing or malformed, or if a finding that names it is
    malformed. What is said of the whole has the number 0, as has a request without photos.
    Findings that are malformed, and verdicts on photos that were not sent, are taken out of
    `output`.

    Args:
        request: What was asked.
        response: What came.
        fenced: Whether a Markdown fence around the JSON is accepted.

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
    _raise_for_finish(response)
    numbers = [part.number for part in request.photos]
    whole = asks_overall(request.schema)
    asked = [*numbers, 0] if whole or not numbers else numbers
    answer = (
        _parse(response, fenced=fenced) if response.output is None else response.output.to_dict()
    )
    parts = ["photos", "issues", "overall"] if whole else ["photos", "issues"]
    if set(answer) - set(parts):
        _invalid(response, {0: f"there is more in it than {' and '.join(parts)}"})
    verdicts, issues = answer.get("photos"), answer.get("issues")
    if not isinstance(verdicts, Mapping) or not isinstance(issues, list):
        _invalid(response, {0: "`photos` must be an object and `issues` a list"})

    definitions = request.schema["$defs"]
    assert isinstance(definitions, FrozenMap)
    validate = _validators(definitions)
    problems = {int(number): text for number, text in response.problems.items()}
    good_verdicts: dict[str, Any] = {}
    for number in numbers:
        verdict = verdicts.get(photo_key(number))
        wrong = "no verdict" if verdict is None else validate("verdict", verdict)
        if wrong:
            problems.setdefault(number, wrong)
        else:
            good_verdicts[photo_key(number)] = verdict
    overall = answer.get("overall")
    if whole and (wrong := validate("overall", overall)):
        problems.setdefault(0, f"overall: {wrong}")
        overall = None
    good_issues = []
    for position, issue in enumerate(issues):
        wrong = validate("finding", issue)
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
    )


_FINISH_ERRORS: dict[str, tuple[type[OutputError], str]] = {
    "length": (
        OutputTruncated,
        "the answer was cut off at the output limit; send fewer photos in one request",
    ),
    "refusal": (OutputRefused, "the model declined to answer; look at the photos yourself"),
    "filter": (OutputFiltered, "a content filter stopped the answer; look at the photos yourself"),
}


def _raise_for_finish(response: VisionResponse) -> None:
    if response.finish in _FINISH_ERRORS:
        error, message = _FINISH_ERRORS[response.finish]
        raise error(message, usage=response.usage, attempts=response.usage.requests)


def _parse(response: VisionResponse, *, fenced: bool) -> Mapping[str, Any]:
    text = response.text.strip().removeprefix("\ufeff")
    if fenced and text.startswith("```") and text.endswith("```"):
        text = text[3:-3].removeprefix("json").strip()
    try:
        answer = visible_json(
            json.loads(
                text,
                parse_constant=_no_constant,
                parse_float=_finite,
                object_pairs_hook=_no_key_twice,
            )
        )
    except (ValueError, RecursionError):
        _invalid(response, {0: "not JSON"})
    if not isinstance(answer, dict):
        _invalid(response, {0: "not a JSON object"})
    return answer


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float | str:
    """The number; one too large for a float stays text, so that only its finding is malformed."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The later of two would silently replace the earlier, and whole lists of findings with it.
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


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
def _validators(definitions: FrozenMap[JsonValue]) -> _Validators:
    """The same for all requests of an agent, whose definitions are one object."""
    return _Validators(definitions.to_dict())


class _Validators:
    """Validates a part of an answer against a definition of the request's schema."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        from jsonschema import Draft202012Validator  # on first use: it takes 70 ms to import

        self._by_name = {
            name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
            for name in PARTS
            if name in definitions
        }

    def __call__(self, name: str, value: Any) -> str | None:
        """What is wrong, without any text of the answer; None if nothing is."""
        error = next(iter(self._by_name[name].iter_errors(value)), None)
        if error is None:
            return None
        path = ".".join(str(step) for step in error.absolute_path if isinstance(step, int | str))
        return f"{path or 'it'} does not fit the schema ({error.validator})"
