"""The example flat: a whole inspection to look at, with no key and no network.

>>> from inspectiq._samples.flat import inspect_flat
>>> inspection = inspect_flat()

Its pictures are rendered, and the answers about them were written by hand (`answers.toml`): no
model was asked. All else is as in any inspection: the agent, the severity profile, the cost book.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from inspectiq._samples import Sample, list_samples, read_sample
from inspectiq._samples.flat._engine import HandWrittenAnswers
from inspectiq.agents._case import Case
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.costs._us_book import load_us_book
from inspectiq.domain._property import Property
from inspectiq.domain._results import Inspection
from inspectiq.photos._photo import Photo
from inspectiq.severity._policy import SeverityPolicy
from inspectiq.transports._checking import Checked

__all__ = ["BY_HAND", "INSPECTOR", "NOTE", "inspect_flat", "list_flat_photos", "make_case"]

BY_HAND = "Example answers written by hand; no model was asked."
INSPECTOR = "Example Inspector"
NOTE = {
    "About this example": (
        f"{BY_HAND} They say nothing about how well any model sees.",
        "The pictures are rendered, not photographed. The flat, its address, its tenant and the "
        f"inspector ({INSPECTOR}) are invented.",
        "Levels, deadlines and costs are worked out from these answers as for any inspection.",
    )
}
"""A section for reports on the example, as `write_report(more=...)` takes it."""


def inspect_flat() -> Inspection:
    """Inspects the example flat and applies the reviews; the same result every time.

    It is graded by the profile `house` and priced by the book `us`, whatever the environment says,
    and it remembers its photos, so that renderers can show them.
    """
    written, book, policy = _read_answers(), load_us_book(), SeverityPolicy.default()
    engine = Checked(HandWrittenAnswers(written["photos"]))  # wrapped, so no cache stands before it
    made_at = written["case"]["made_at"]
    with InspectionAgent(engine, severity=policy, cost_book=book, clock=lambda: made_at) as agent:
        inspection = _label(agent.run(make_case()))
    for review in written["reviews"]:
        (issue,) = (one for one in inspection.issues if one.type == review["issue_type"])
        changes: dict[str, Any] = {}
        if "level" in review:
            changes["severity"] = policy.make_severity(
                review["level"],
                because=f"set by {INSPECTOR}",
                source="this review",
                proposed=issue.severity.proposed,
                case=inspection.case,
            )
        inspection = inspection.with_review(
            issue.id,
            review["decision"],
            by=INSPECTOR,
            at=review["at"],
            because=review["because"],
            cost_book=book,
            **changes,
        )
    return inspection


def make_case() -> Case:
    """Makes the case of the example flat: its photos, the tenant's words, fixed moments."""
    known = dict(_read_answers()["case"])
    del known["made_at"]
    place = {name: known.pop(name) for name in list(known) if name in Property.model_fields}
    rooms = {sample.name: sample.room for sample in list_flat_photos()}
    photos = []
    for written in _read_answers()["photos"]:
        shown = written.get("same_as", written["name"])
        photos.append(
            Photo.from_bytes(_read_picture(shown), name=written["name"], room=rooms[shown])
        )
    return Case(photos=tuple(photos), property=Property(**place), **known)


def _label(inspection: Inspection) -> Inspection:
    """Says in the headline, which every report begins with, that nobody looked at the photos."""
    summary = inspection.summary
    headline = f"{BY_HAND} {summary.headline}"
    return inspection.model_copy(
        update={"summary": summary.model_copy(update={"headline": headline})}
    )


@cache
def list_flat_photos() -> tuple[Sample, ...]:
    """Lists the pictures of the flat, each once, with what was drawn in them."""
    return (*list_samples(), *list_samples("flat"))


@cache
def _read_answers() -> dict[str, Any]:
    text = files("inspectiq._samples.flat").joinpath("answers.toml").read_text("utf-8")
    return tomllib.loads(text)


def _read_picture(name: str) -> bytes:
    known = {sample.name for sample in list_samples()}
    return read_sample(name, "" if name in known else "flat")
