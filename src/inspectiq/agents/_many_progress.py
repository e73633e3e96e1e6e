"""How far a run over many cases is: outcomes, dollars, and an estimate of the time that is left."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from inspectiq.agents._case_outcome import CaseOutcome
from inspectiq.events import CasesProgressed, Event

__all__ = ["ManyProgress"]


class ManyProgress:
    """Counts outcomes, and tells observers how far the run is.

    Args:
        total: How many cases there are; None where that is not known.
        emit: Hands an event to the observers.

    Attributes:
        run_id: Of the whole run.
        total: As given.
    """

    def __init__(self, total: int | None, emit: Callable[[Event], None]) -> None:
        self.run_id = uuid.uuid4().hex[:16]
        self._emit = emit
        self.total = total
        self._done = self._failed = self._resumed = 0
        self._usd: Decimal | None = Decimal(0)
        self._begun = time.monotonic()

    def count(self, outcome: CaseOutcome[Any]) -> None:
        """Counts an outcome, and tells of it."""
        self._done += 1
        self._failed += outcome.status == "failed"
        self._resumed += outcome.resumed
        ended = outcome.result or outcome.error
        if not outcome.resumed and ended is not None and ended.usage is not None:
            spent = ended.usage.usd
            self._usd = None if spent is None or self._usd is None else self._usd + spent
        self.tell(outcome.case_id)

    def tell(self, case_id: str = "", *, ended: bool = False) -> None:
        """Tells how far the run is; the last time, that it has ended."""
        self._emit(
            CasesProgressed(
                case_id=case_id,
                run_id=self.run_id,
                done=self._done,
                failed=self._failed,
                resumed=self._resumed,
                total=self.total,
                usd=self._usd,
                seconds_left=self._estimate(),
                ended=ended,
            )
        )

    def _estimate(self) -> float | None:
        """Estimates the time left by the cases that were run so far; None where none were."""
        ran = self._done - self._resumed
        if self.total is None or not ran:
            return None
        return (time.monotonic() - self._begun) / ran * (self.total - self._done)
