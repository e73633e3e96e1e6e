"""What a review of a month tells: how much of what was found people accepted, and what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._photo import Box, PhotoRef
from inspectiq.evaluation._figure import Figure

__all__ = ["Acceptance", "Disagreement", "MonthlyFigure", "MonthlyReview"]

Count = Annotated[int, Field(ge=0)]


class MonthlyFigure(Value):
    """A figure of the month, and how it changed.

    Attributes:
        now: Of the month.
        before: Of the month before.
        change: The month less the month before, with the interval of a bootstrap that draws the
            cases of each month by themselves. Its `n` is the smaller one of the two.
    """

    now: Figure
    before: Figure
    change: Figure


class Acceptance(Value):
    """What people decided about the findings of one type, model or prompt.

    Attributes:
        name: Of the type, model or prompt; `all` for all findings.
        accepted: Findings that people accepted as they were.
        edited: Findings that they edited.
        rejected: Findings that they rejected.
        share: The share that was accepted as it was, of all that people decided about.
    """

    name: str
    accepted: Count
    edited: Count
    rejected: Count
    share: MonthlyFigure


class Disagreement(Value):
    """A finding about which a person and the engine or the rules disagree most.

    Attributes:
        kind: `rejected`, or `raised` where a person gave it a higher level.
        case_id: Of the case.
        finding_id: Of the finding.
        label: What the finding is, in words.
        model: Which model found it; "" where several did.
        confidence: What the engine stated, 0–1.
        level: Its level before; None where a person had to look first.
        new_level: Its level since.
        because: Why, in the person's words.
        photo: The first photo that shows it.
        box: Where on that photo.
    """

    kind: Literal["rejected", "raised"]
    case_id: str
    finding_id: str
    label: str
    model: str
    confidence: float | None
    level: str | None
    new_level: str | None
    because: str
    photo: PhotoRef | None
    box: Box | None


class MonthlyReview(Value):
    """What people made of a month's findings, beside the month before.

    Attributes:
        month: Such as `2026-11`, in UTC, by when a result was made.
        before: The month before.
        cases: Cases that were looked at in the month.
        photos: Their photos.
        findings: Their findings.
        reviewed: Findings that people decided about.
        overall: What they decided, in all.
        by_type: The same by type of issue.
        by_model: The same by model.
        by_prompt: The same by version of the prompt.
        raised_to_severe: Of findings that are severe by a person's review, the share that had been
            graded lower. Severe is the upper half of a profile's levels.
        severe_missed: Of issues that labels call severe, the share that was not found, or was
            graded lower; None without labels.
        cost_within: The share of invoices within the range of their estimate; None without
            invoices.
        cost_bias: All that was expected ÷ all invoices, less 1; None without invoices.
        disagreements: Where people disagreed most, the worst first.
        gaps: What is not counted, and why.
    """

    month: str
    before: str
    cases: Count
    photos: Count
    findings: Count
    reviewed: Count
    overall: Acceptance
    by_type: tuple[Acceptance, ...]
    by_model: tuple[Acceptance, ...]
    by_prompt: tuple[Acceptance, ...]
    raised_to_severe: MonthlyFigure
    severe_missed: MonthlyFigure | None = None
    cost_within: MonthlyFigure | None = None
    cost_bias: MonthlyFigure | None = None
    disagreements: tuple[Disagreement, ...] = ()
    gaps: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Writes it as indented JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self) -> str:
        """Writes it as Markdown, without pictures."""
        from inspectiq.evaluation._monthly_report import render_month_markdown

        return render_month_markdown(self)

    def to_html(self, photos: Path | str | None = None) -> str:
        """Writes it as one HTML file that loads nothing.

        Args:
            photos: The folder where the photos are, by their names. A photo is shown where it is
                the one that was inspected, by its hash.

        Raises:
            ConfigError: There is no such folder.
        """
        from inspectiq.evaluation._monthly_report import render_month_html

        return render_month_html(self, photos)
