"""The keyword arguments that make a case, and how they show in the methods that take them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from inspectiq.domain._property import Property

__all__ = ["CaseFields", "find_place", "show_case_fields"]

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


class CaseFields(TypedDict, total=False):
    """The fields of a case that `inspect`, `diagnose` and `preview` take as keyword arguments.

    A method of your own takes and passes them on as `**case: Unpack[CaseFields]`; all may be left
    out, or None.

    Attributes:
        id: The host's id of the case; a random one if not given.
        property: The property, or its fields by name.
        room: The room of all the photos; it stands above the names of folders.
        inspected_at: When the photos were taken or the visit was made; with a time zone.
        reported_at: When the matter was reported; starts some deadlines.
        investigated_at: When somebody had looked into it; starts others.
        language: BCP 47 tag of the language that findings are written in; `en` if not given.
        tags: The host's own labels, such as tenant or portfolio; they reach results and events.
        revision: Of the result; 1 if not given. A higher one makes a new result of the same case.
    """

    id: str | None
    property: Property | Mapping[str, Any] | None
    room: str | None
    inspected_at: datetime | None
    reported_at: datetime | None
    investigated_at: datetime | None
    language: str | None
    tags: Mapping[str, str] | None
    revision: int | None


_OF_AGENTS = frozenset(
    {
        "engine", "transport", "model", "taxonomy", "severity", "severity_policy", "cost_book",
        "cost_mode", "emergency_screen", "prompt", "photos_per_request", "limiter", "budgets",
        "cache", "cache_mode", "sinks", "sink_timeout", "clock",
    }
)  # fmt: skip
_ELSEWHERE = {
    **dict.fromkeys(("case_id", "case"), "give the id of the case as id="),
    **dict.fromkeys(
        ("text", "words", "message", "complaint", "note", "notes"), "give words as description="
    ),
    **dict.fromkeys(
        ("progress", "progress_bar"), "give observers=[ProgressBar()], which is in inspectiq"
    ),
    **dict.fromkeys(
        ("deadline", "timeout", "usd", "budget"), "give limits=Limits(deadline=..., usd=...)"
    ),
}


def find_place(name: str) -> str | None:
    """Says where something belongs that is given to a call and is no field of a case."""
    if name in _OF_AGENTS:
        own = {"transport": "engine", "model": "engine", "severity_policy": "severity"}
        return f"give it to the agent when it is made, as {own.get(name, name)}="
    if name in Property.model_fields:
        return f"it is of the property: give property=Property({name}=...)"
    return _ELSEWHERE.get(name)


def show_case_fields(method: MethodT) -> MethodT:
    """Shows each field of `**case` by its name where Python looks: `help`, notebooks, `inspect`.

    Type checkers read them from `Unpack[CaseFields]`.
    """
    signature = inspect.signature(method)
    *others, _ = signature.parameters.values()
    fields = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_LEFT_OUT, annotation=hint)
        for name, hint in _ANNOTATIONS.items()
    ]
    shown = signature.replace(parameters=[*others, *fields])
    method.__signature__ = shown  # type: ignore[attr-defined]
    return method


class _LeftOut:
    def __repr__(self) -> str:
        return "..."


_LEFT_OUT = _LeftOut()
_ANNOTATIONS: dict[str, Any] = {
    name: getattr(hint, "__forward_arg__", hint)  # as it is written above
    for name, hint in CaseFields.__annotations__.items()
}
