"""The command that runs an agent over the cases in a file, and goes on after a stop."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import try_folder
from inspectiq._cli.running import make_limits, open_agent
from inspectiq._cli.telling import say_untold
from inspectiq._cli.terminal import say
from inspectiq._cli.wording import to_command_words
from inspectiq.agents._agent import Agent
from inspectiq.agents._case_lines import read_cases
from inspectiq.agents._case_outcome import CaseOutcome
from inspectiq.agents._diagnosis import DiagnosisAgent
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.domain._results import Status
from inspectiq.errors import ConfigError

__all__ = ["run_many"]

MOST_TOLD = 1000  # failures that the summary names; of more it has the number


def run_many(arguments: argparse.Namespace) -> int:
    """Runs all cases of a file; keeps results in `results.jsonl`, and writes `summary.json`."""
    results = arguments.out / "results.jsonl"
    if not arguments.cases.is_file():
        raise ConfigError(f"there is no file {arguments.cases}; give a file with a case a line")
    try_folder(arguments.out)
    if results.exists() and not arguments.resume:
        raise ConfigError(f"{results} is there already; give --resume to go on, or another --out")
    kind: type[Agent[Any, Any, Any]] = DiagnosisAgent if arguments.diagnose else InspectionAgent
    summary = _Summary(arguments.out / "summary.json")
    say_untold("diagnosis" if arguments.diagnose else "inspection", "`many` tells nobody")
    with open_agent(kind, arguments, limited=False) as agent, summary:
        outcomes = agent.run_many(
            read_cases(arguments.cases, to_command_words),
            checkpoint=results,
            ordered=arguments.ordered,
            limits=make_limits(arguments),
        )
        with closing(outcomes):
            for outcome in outcomes:
                summary.add(outcome)
    if not summary.cases:
        raise ConfigError(f"{arguments.cases} holds no case; write one a line")
    if not arguments.quiet:
        say(*summary.describe(), f"Written: {results}, {summary.path}")
    return EXIT_CODES[summary.status]


class _Summary:
    """Counts outcomes, and writes what came of all, also where the run is cut short."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._counts = Counter[str]()
        self._usd: Decimal | None = Decimal(0)
        self._failures: list[Mapping[str, Any]] = []

    def add(self, outcome: CaseOutcome[Any]) -> None:
        self._counts.update(["cases", outcome.status, *(["resumed"] * outcome.resumed)])
        usage = outcome.result.usage if outcome.result else getattr(outcome.error, "usage", None)
        if usage is not None and not outcome.resumed:
            known = self._usd is not None and usage.usd is not None
            self._usd = self._usd + usage.usd if self._usd is not None and known else None
        if outcome.status == "failed" and len(self._failures) < MOST_TOLD:
            error = outcome.error
            why = str(error) if outcome.result is None else outcome.result.summary.headline
            named = "failed" if error is None else type(error).__name__
            self._failures.append(
                {"case_id": outcome.case_id, "error": named, "message": to_command_words(why)}
            )

    @property
    def cases(self) -> int:
        """How many outcomes came."""
        return self._counts["cases"]

    @property
    def status(self) -> Status:
        """The status of all cases together."""
        if self._counts["complete"] == self._counts["cases"]:
            return "complete"
        return "failed" if self._counts["failed"] == self._counts["cases"] else "partial"

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        counts = {
            name: self._counts[name]
            for name in ("cases", "complete", "partial", "failed", "resumed")
        }
        written = {
            **counts,
            "usd": None if self._usd is None else str(self._usd),
            "ended_by": None if error is None else type(error).__name__,
            "failures": self._failures,
        }
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
        os.replace(new, self.path)  # noqa: PTH105
        if error is not None and self._counts["cases"]:
            said = f"{self._counts['cases']} cases are kept; give --resume to go on"
            say(f"inspectiq: {said}", file=sys.stderr)

    def describe(self) -> list[str]:
        """Describes what came of all."""
        counts = self._counts
        paid = "an unknown amount" if self._usd is None else f"${self._usd:.4f}"
        return [
            f"{counts['cases']} cases: {counts['complete']} complete, {counts['partial']} partial, "
            f"{counts['failed']} failed; {counts['resumed']} were done before. Paid now: {paid}.",
            *(f"  {one['case_id'] or '(no id)'}: {one['message']}" for one in self._failures[:20]),
        ]
