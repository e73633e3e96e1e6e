"""Builds the JSON of an answer, for an engine that makes its findings itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic import JsonValue

from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._findings import Area
from inspectiq.domain._photo import Box
from inspectiq.domain._taxonomy import Condition, UsualLevel
from inspectiq.errors import ConfigError, OutputInvalid
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._wire import BOX_SCALE, asks_overall, fill_blank, make_photo_key

__all__ = ["AnswerBuilder"]

SLACK = 0.1  # of a picture, that a detector may reach beyond its edge; our assumption

NOTHING_SAID = "the engine said nothing about the words"


@hide_locals
class AnswerBuilder:
    """Builds the JSON of an answer to one request, in the form that the request asks for.

        answer = AnswerBuilder(request)
        answer.add_finding("wall_hole", description="A hole.", confidence=0.8, evidence=[(1, None)])
        answer.mark_unclear(2, "It is too dark.", retake="The same corner, with a light on.")
        return VisionResponse(text=answer.to_json(), engine=self.profile.to_record())

    Whatever agent asks: fields of findings that the request does not ask for are left out, and
    those that are not given are null or empty. A photo counts as assessed unless you say otherwise.
    What an engine may get wrong, such as a type that there is not, is told by the check that every
    answer passes, photo by photo.

    Args:
        request: What was asked; its schema says what is to be filled in.

    Attributes:
        issue_types: Types of issue that a finding may have.
        fields: Names of a finding's fields, those of a subclass of the wire model included.
    """

    def __init__(self, request: VisionRequest) -> None:
        require(request, VisionRequest, "request", "give the request that `send` got")
        self._schema = cast("Mapping[str, Any]", request.schema)
        finding = self._schema["$defs"]["finding"]["properties"]
        self.fields: tuple[str, ...] = tuple(finding)
        self.issue_types: tuple[str, ...] = tuple(finding["issue_type"]["enum"])
        self._verdicts: dict[int, Any] = {part.number: "assessed" for part in request.photos}
        self._numbers = frozenset(self._verdicts)
        self._findings: list[dict[str, Any]] = []
        unclear = {"unclear": NOTHING_SAID, "retake": None}
        self._overall: dict[str, Any] = {"words": unclear if request.words else None, "account": ""}
        self._has_words = bool(request.words)

    def add_finding(
        self,
        issue_type: str,
        *,
        description: str,
        confidence: float,
        evidence: Iterable[tuple[int, Box | Iterable[float] | None]] = (),
        facts: Iterable[str] = (),
        severity: UsualLevel | None = None,
        location: str | None = None,
        area: Area = "unit",
        extent: float | None = None,
        condition: Condition = "unclear",
        unusual_action: str | None = None,
        cause: str | None = None,
        other_causes: Iterable[tuple[str, str | None]] = (),
        steps: Iterable[str] = (),
        do_now: Iterable[str] = (),
        diy: bool | None = None,
        revises: int | None = None,
        hours: float | None = None,
        materials: Iterable[str] = (),
        repair_cost: tuple[float, float] | None = None,
        **own: JsonValue,
    ) -> None:
        """Adds a finding.

        Args:
            issue_type: One of `issue_types`.
            description: What is seen, in the language that the instructions name.
            confidence: 0–1; it ranks findings.
            evidence: For each place that shows it the number of its photo, and the box
                `(x0, y0, x1, y1)` in fractions 0–1 of the picture that was prepared, origin top
                left; None where the place cannot be told. A box ends at the picture's edge.
            facts: Keys of the taxonomy's facts that hold.
            severity: A proposal; the severity policy decides.
            location: Where, in words.
            area: The dwelling (`unit`), shared parts (`inside`), or `outside`.
            extent: How much, in the type's unit.
            condition: `wear`, `damage` or `unclear`.
            unusual_action: What to do, where it differs from the type's usual repair.
            cause: The probable cause; for a diagnosis, as all up to `revises`.
            other_causes: Other possible causes, each with what would tell it apart, or None.
            steps: What to do, in order.
            do_now: What to do at once.
            diy: Whether a handy occupant could mend it.
            revises: Number of the earlier finding that this one replaces.
            hours: Hours of work.
            materials: What is needed; for a diagnosis.
            repair_cost: The least and the most that the work costs, where that is asked for.
            own: Fields that a subclass of the wire model added, by name.

        Raises:
            ConfigError: A field of your own is not asked for, or is asked for and not given.
            OutputInvalid: The evidence names a photo that was not sent, a box is no box, or a
                number is none.
        """
        known = {
            "issue_type": issue_type,
            "description": description,
            "evidence": [self._write_evidence(number, box) for number, box in evidence],
            "facts": list(facts),
            "severity": severity,
            "confidence": _to_number("confidence", confidence),
            "location": location,
            "area": area,
            "extent": None if extent is None else _to_number("extent", extent),
            "condition": condition,
            "unusual_action": unusual_action,
            "cause": cause,
            "other_causes": [{"cause": name, "tell_apart": tell} for name, tell in other_causes],
            "steps": list(steps),
            "do_now": list(do_now),
            "diy": diy,
            "revises": revises,
            "hours": None if hours is None else _to_number("hours", hours),
            "materials": list(materials),
            "repair_cost": repair_cost and {"low": repair_cost[0], "high": repair_cost[1]},
        }
        self._findings.append(_fill(self._schema, "finding", known, own))

    def mark_unclear(self, photo: int, why: str, *, retake: str | None = None) -> None:
        """Says that nothing can be told from a photo.

        Args:
            photo: Its number.
            why: The reason, for people.
            retake: What to photograph instead.

        Raises:
            OutputInvalid: No photo of that number was sent.
        """
        self._verdicts[self._check_number(photo)] = {"unclear": why, "retake": retake}

    def leave_out(self, photo: int) -> None:
        """Gives no verdict on a photo, such as one that the engine failed on: it is asked again.

        Args:
            photo: Its number.

        Raises:
            OutputInvalid: No photo of that number was sent.
        """
        self._verdicts.pop(self._check_number(photo), None)

    def set_overall(
        self,
        account: str,
        *,
        words_unclear: str | None = None,
        contradiction: str | None = None,
        questions: Iterable[str] = (),
        photos_next: Iterable[str] = (),
        **own: JsonValue,
    ) -> None:
        """Says what a diagnosis asks for about the whole case; left out where it is not asked for.

        Without it, words that came with the case count as not understood.

        Args:
            account: What it all looks like, in two or three sentences.
            words_unclear: Why the words cannot be understood; None where they are.
            contradiction: How photos and words contradict each other.
            questions: What is worth asking the occupant.
            photos_next: Which photos would help.
            own: Fields that an `overall_model` of yours added, by name.

        Raises:
            ConfigError: A field of your own is not asked for, or is asked for and not given.
        """
        if not asks_overall(self._schema):
            return
        unclear = {"unclear": words_unclear, "retake": None}
        known = {
            "words": (unclear if words_unclear else "assessed") if self._has_words else None,
            "account": account,
            "contradiction": contradiction,
            "questions": list(questions),
            "photos_next": list(photos_next),
        }
        self._overall = _fill(self._schema, "overall", known, own)

    def to_dict(self) -> dict[str, Any]:
        """Returns the answer as JSON values."""
        answer: dict[str, Any] = {
            "photos": {make_photo_key(number): told for number, told in self._verdicts.items()},
            "issues": list(self._findings),
        }
        if asks_overall(self._schema):
            answer["overall"] = _fill(self._schema, "overall", self._overall, {})
        return answer

    def to_json(self) -> str:
        """Writes the answer as JSON, for `VisionResponse(text=...)`."""
        return json.dumps(self.to_dict())

    def _check_number(self, photo: int) -> int:
        if photo not in self._numbers:
            there = ", ".join(map(str, sorted(self._numbers))) or "none"
            raise OutputInvalid(
                f"a photo is named that was not sent; here are, counted from 1: {there}"
            )
        return photo

    def _write_evidence(self, photo: int, box: Box | Iterable[float] | None) -> dict[str, Any]:
        return {
            "photo": int(self._check_number(photo)),
            "box": None if box is None else _scale(box),
        }


def _to_number(name: str, value: Any) -> float:
    """Takes a number of any library, such as NumPy's."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise OutputInvalid(f"{name} is no number")
    return number


def _scale(box: Box | Iterable[float]) -> list[int]:
    """Scales fractions to whole thousandths, within the picture."""
    if isinstance(box, Box):
        box = box.to_tuple()
    try:
        sides = [] if isinstance(box, str | bytes) else [float(side) for side in box]
    except (TypeError, ValueError):
        sides = []
    if len(sides) != 4 or not all(-SLACK <= side <= 1 + SLACK for side in sides):
        raise OutputInvalid(
            "a box is (x0, y0, x1, y1) in fractions of the picture, 0 to 1, from its upper left "
            "corner; divide pixels by the width and height of the prepared picture"
        )
    return [round(BOX_SCALE * min(max(side, 0.0), 1.0)) for side in sides]


def _fill(
    schema: Mapping[str, Any], name: str, known: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """Fills a part of an answer with what it asks for, in the order of its schema."""
    asked = schema["$defs"][name]["properties"]
    try:
        json.dumps(own, allow_nan=False)
    except (TypeError, ValueError):
        raise ConfigError(
            f"one of {', '.join(own)} is no JSON value; give text, numbers, lists or dicts of these"
        ) from None
    if unknown := [key for key in own if key not in asked]:
        raise ConfigError(
            f"{unknown[0]!r} is no field that this request asks for; it asks for "
            f"{', '.join(asked)}: ask with an agent whose wire model has it, or mend the name"
        )
    given = {
        key: value for key, value in {**known, **own}.items() if key in asked and value is not None
    }
    try:
        filled = fill_blank(schema, name, given)
    except KeyError as missing:
        raise ConfigError(
            f"{missing} is asked for and may be neither null nor empty; give it, or let it be None "
            "in the wire model"
        ) from None
    return {key: filled[key] for key in asked}
