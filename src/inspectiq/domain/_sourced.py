"""Where a number or a rule comes from, and how sure that is."""

from __future__ import annotations

from typing import Literal

from inspectiq._values import Value

__all__ = ["ASSUMPTION", "Mark", "Sourced"]

Mark = Literal["V", "S", "A"]
"""`V` seen at the source, `S` seen in secondary sources only, `A` our assumption."""

ASSUMPTION = "our assumption"


class Sourced(Value):
    """Base of values with a source. One that names none is our assumption.

    Attributes:
        source: Who published it, or `our assumption`.
        mark: `V` seen at the source, `S` in secondary sources only, `A` our assumption.
    """

    source: str = ASSUMPTION
    mark: Mark = "A"

    @property
    def cite(self) -> str:
        """The source with its mark, such as `our assumption [A]`."""
        return f"{self.source} [{self.mark}]"
