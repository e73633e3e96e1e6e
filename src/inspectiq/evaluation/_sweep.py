"""What a sweep found: each run's figures, and how it differs from the first."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.evaluation._compare import Comparison
from inspectiq.evaluation._evaluation import Evaluation

__all__ = ["Sweep", "SweptRun"]

Count = Annotated[int, Field(ge=0)]


class SweptRun(Value):
    """One run of a sweep, as far as it came.

    Attributes:
        name: As in the plan.
        status: `done`; `stopped` where it could not go on to its end; `not run` where no money was
            left.
        why: Why it was not done; "" where it was.
        cases: Cases that have a result.
        photos: Photos of these, duplicates left out.
        findings: What was found on them.
        unanswered: Photos that were unclear or failed.
        usd: Dollars that were paid for it; answers of the cache cost nothing.
        unpriced: Requests whose price is not known.
        evaluation: By the labels; None without labels or results.
        comparison: How it differs from the first run; None for that one, and without labels.
        p: McNemar's p of the comparison, corrected by Holm for how many runs are compared; None
            where it is of too few to say.
    """

    name: str
    status: Literal["done", "stopped", "not run"]
    why: str = ""
    cases: Count = 0
    photos: Count = 0
    findings: Count = 0
    unanswered: Count = 0
    usd: Decimal = Decimal(0)
    unpriced: Count = 0
    evaluation: Evaluation | None = None
    comparison: Comparison | None = None
    p: float | None = None


class Sweep(Value):
    """What came of a sweep.

    Attributes:
        usd: What the plan allowed.
        runs: In the order of the plan.
    """

    usd: Decimal
    runs: tuple[SweptRun, ...]

    def to_json(self) -> str:
        """Writes it as indented JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self) -> str:
        """Writes it as Markdown."""
        from inspectiq.evaluation._sweep_report import render_sweep_markdown

        return render_sweep_markdown(self)

    def to_html(self) -> str:
        """Writes it as one HTML file that loads nothing."""
        from inspectiq.evaluation._sweep_report import render_sweep_html

        return render_sweep_html(self)
