"""The run that a call belongs to."""

import asyncio
import threading
import time

import pytest

from inspectiq.events import Event, RunStarted
from inspectiq.run import Run, get_current_run


def test_a_call_outside_of_any_run_has_no_deadline_and_tells_nobody() -> None:
    run = get_current_run()
    assert (run.id, run.case_id, dict(run.tags), run.get_remaining()) == ("", "", {}, None)
    run.tell(RunStarted, photos=1)


def test_a_run_is_the_current_one_until_it_ends_also_where_it_fails() -> None:
    outer, inner = Run(id="outer"), Run(id="inner")

    def fail() -> None:
        with inner.activate():
            assert get_current_run() is inner
            raise ZeroDivisionError

    with outer.activate():
        with pytest.raises(ZeroDivisionError):
            fail()
        assert get_current_run() is outer
    assert get_current_run().id == ""


async def test_tasks_belong_to_the_run_that_started_them() -> None:
    async def seen() -> str:
        await asyncio.sleep(0)
        return get_current_run().id

    async def started(run: Run) -> list[str]:
        with run.activate():
            return await asyncio.gather(*(seen() for _ in range(2)))

    first, second = await asyncio.gather(started(Run(id="a")), started(Run(id="b")))
    assert [*first, *second, await seen()] == ["a", "a", "b", "b", ""]


async def test_a_thread_that_a_run_asks_for_belongs_to_it_and_another_does_not() -> None:
    found: list[str] = []
    with Run(id="r").activate():
        assert await asyncio.to_thread(lambda: get_current_run().id) == "r"
        other = threading.Thread(target=lambda: found.append(get_current_run().id))
        other.start()
        other.join()
    assert found == [""]


def test_what_remains_is_never_below_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    run = Run(deadline=clock + 5)
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    assert run.get_remaining() == 5
    clock += 6
    assert run.get_remaining() == 0


def test_an_event_names_its_run_its_case_and_its_tags() -> None:
    told: list[Event] = []
    Run(id="r", case_id="c", tags={"tenant": "t"}, emit=told.append).tell(RunStarted, photos=3)
    assert told == [RunStarted(case_id="c", run_id="r", tags={"tenant": "t"}, photos=3)]
