"""How bad a finding is, and by when what must be done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import Moment, Value

__all__ = ["Deadline", "Severity"]


class Deadline(Value):
    """A time by which something is to be done.

    Attributes:
        action: What is to be done, such as `make safe`.
        clock: Which moment starts it, such as `reported_at`.
        start: That moment; None if unknown.
        due: The time; None where the start is unknown.
        rule: The rule that set it, and the time zone that it is told in.
        needs: What is missing to tell the time, such as `reported_at`.
        source: Where the time limit comes from, with its mark.
    """

    action: str
    clock: Literal["reported_at", "investigated_at", "inspected_at"]
    start: Moment | None = None
    due: Moment | None = None
    rule: str
    needs: str | None = None
    source: str = ""


class Severity(Value):
    """How bad a finding is, with the rule that decided it and its deadlines.

    Attributes:
        level: Key of a level of the severity profile; None where a person must look first.
        rank: Order of the level within its profile, 1 the mildest.
        label: Plain words.
        colour: Colour of the level, as `#rrggbb`; None where it has none.
        proposed: The level that the engine proposed, kept beside the decision.
        rule: What decided, such as the id of a rule.
        source: Where the rule comes from, with its mark.
        deadlines: Several where a profile has several clocks.
        review: Why a person must look, also where a floor gives a level meanwhile; empty where
            nobody needs to.
    """

    level: str | None
    rank: Annotated[int | None, Field(ge=1)] = None
    label: str
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-f]{6}$")] = None
    proposed: str | None = None
    rule: str
    source: str = ""
    deadlines: tuple[Deadline, ...] = ()
    review: str = ""

    @classmethod
    def needs_review(cls, *, because: str, proposed: str | None = None) -> Severity:
        """Makes a severity without level and deadline: a person must look first."""
        return cls(
            level=None, label="needs review", proposed=proposed, rule=because, review=because
        )

    @property
    def is_review(self) -> bool:
        """Whether a person must look before there is a level."""
        return self.level is None

    @property
    def order(self) -> float:
        """For sorting, larger is worse; what needs review stands just above the mildest level."""
        return 1.5 if self.rank is None else float(self.rank)
