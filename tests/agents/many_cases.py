"""Cases and agents for the tests of `run_many`: answers are scripted, and results have no photos.

As a program, `python -m tests.agents.many_cases CHECKPOINT CALLS CASES` runs many cases slowly, to
be killed: it writes the id of each case that is asked into the file CALLS before it is.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from typing import Any

from inspectiq import Case, DiagnosisAgent, Photo
from inspectiq.testing import FunctionTransport, make_answer, make_problem
from inspectiq.transports import VisionRequest
from tests.conftest import render_jpeg


class Answering:
    """A diagnosis agent on words alone, and the ids of the cases whose engine was asked."""

    def __init__(self, seconds: float = 0, **options: Any) -> None:
        self.asked: list[str] = []
        self.most = self._now = 0
        self._seconds = seconds
        self.fails: dict[str, Exception] = {}
        self.agent = DiagnosisAgent(FunctionTransport(self._answer), **options)

    async def _answer(self, request: VisionRequest) -> str:
        case_id = request.words.split("case ")[-1].strip(".")
        self.note(case_id)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(self._seconds)
            if case_id in self.fails:
                raise self.fails[case_id]
            return make_answer(request, [make_problem("clog")])
        finally:
            self._now -= 1

    def note(self, case_id: str) -> None:
        self.asked.append(case_id)


def make_cases(count: int) -> Iterator[Case]:
    for number in range(1, count + 1):
        yield Case(id=f"c{number}", description=f"The drain is slow, in case c{number}.")


def make_photo(seed: int) -> Photo:
    return Photo.from_bytes(render_jpeg(seed), name=f"{seed}.jpg")


def main() -> None:
    checkpoint, calls, cases = sys.argv[1:]
    file = os.open(calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    class Noting(Answering):
        def note(self, case_id: str) -> None:
            os.write(file, f"{case_id}\n".encode())

    answering = Noting(seconds=0.005)
    for outcome in answering.agent.run_many(
        make_cases(int(cases)), checkpoint=checkpoint, at_once=4
    ):
        print(outcome.case_id, outcome.status, int(outcome.resumed), flush=True)


if __name__ == "__main__":
    main()
