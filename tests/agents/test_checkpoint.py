"""The checkpoint of `run_many`: nothing done is lost or paid twice. Answers are scripted."""

import asyncio
import errno
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    Case,
    ConfigError,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
    SeverityPolicy,
)
from inspectiq.agents import Agent, CaseOutcome, Prompt
from inspectiq.agents._checkpoint import Checkpoint
from inspectiq.errors import AuthenticationFailed, BadRequest, ProviderUnavailable
from inspectiq.testing import FunctionTransport, make_answer
from tests.agents.many_cases import Answering, make_cases, make_photo

ROOT = Path(__file__).parents[2]
ERROR = InspectIQError("nothing came back")


def run(answering: Answering, file: Path, cases: int = 20, **options: Any) -> list[Any]:
    return list(answering.agent.run_many(make_cases(cases), checkpoint=file, **options))


def collect(outcomes: Iterator[Any], came: list[str]) -> None:
    for outcome in outcomes:
        came.append(outcome.case_id)  # noqa: PERF401 - also those before an error


def read(file: Path) -> list[dict[str, Any]]:
    whole = file.read_text().rpartition("\n")[0]  # another line may just be written
    return [json.loads(line) for line in whole.split("\n")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs.jsonl"


def test_a_restart_gives_what_is_done_again_and_asks_nobody(file: Path) -> None:
    first = run(Answering(), file, ordered=True)
    again = Answering()
    second = run(again, file, ordered=True)
    assert again.asked == []
    assert [one.result for one in second] == [one.result for one in first]
    assert all(one.resumed for one in second)
    assert not any(one.resumed for one in first)


def test_a_restart_reads_no_photo_of_what_is_done(file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    picture.write_bytes(make_photo(1).read())
    cases: list[Any] = [
        Case(id="c1", photos=(Photo.from_path(picture),)),
        {"id": "c2", "photos": picture},
    ]
    agent = InspectionAgent(FunctionTransport(lambda request: make_answer(request, ())))
    first = list(agent.run_many(cases, checkpoint=file, ordered=True))
    picture.unlink()
    second = list(agent.run_many(cases, checkpoint=file, ordered=True))
    assert [one.result for one in second] == [one.result for one in first]
    assert isinstance(second[0].result, Inspection)


def test_a_case_is_on_the_disk_before_its_outcome_comes(file: Path) -> None:
    with closing(Answering().agent.run_many(make_cases(50), checkpoint=file)) as outcomes:
        for outcome in outcomes:
            assert outcome.case_id in {line.get("case_id") for line in read(file)}


def test_the_file_is_for_its_owner_and_says_what_made_it(file: Path) -> None:
    run(Answering(), file, 1)
    assert file.stat().st_mode & 0o777 == 0o600
    header, line = read(file)
    assert header["version"] == 1
    assert header["agent"] == "inspectiq.DiagnosisAgent"
    assert {"prompt", "taxonomy", "severity", "cost_book", "engine"} <= header["made_by"].keys()
    assert line["status"] == "complete"
    assert line["result"]["id"] == line["result_id"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A whole checkpoint of five cases."""
    path = tmp_path_factory.mktemp("written") / "runs.jsonl"
    run(Answering(), path, 5)
    return path.read_bytes()


@given(share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_cut_off_at_any_byte_it_resumes_to_the_same_results(
    share: float, written: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "runs.jsonl"
    path.write_bytes(written[: round(share * len(written))])
    whole = max(0, path.read_bytes().count(b"\n") - 1)
    answering = Answering()
    outcomes = run(answering, path, 5, ordered=True)
    assert [one.case_id for one in outcomes] == [f"c{number}" for number in range(1, 6)]
    assert all(one.status == "complete" for one in outcomes)
    assert len(answering.asked) == 5 - whole
    ids = {line["case_id"]: line["result_id"] for line in map(json.loads, written.splitlines()[1:])}
    assert {one.case_id: one.result.id for one in outcomes} == ids
    assert {line["case_id"] for line in read(path)[1:]} == ids.keys()


def test_a_line_that_was_cut_off_or_damaged_is_said_once(
    file: Path, written: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    header, first, *rest = written.splitlines(keepends=True)
    file.write_bytes(b"".join([header, b"\0" * len(first[:-1]) + b"\n", *rest])[:-20])
    answering = Answering()
    with caplog.at_level(logging.WARNING, "inspectiq"):
        outcomes = run(answering, file, 5)
    assert len(outcomes) == 5
    assert len(answering.asked) == 2
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "cut off" in said[0]
    assert "damaged" in said[1]


@pytest.mark.usefixtures("no_waits")
def test_failures_are_asked_again_but_not_what_the_photos_are_to_blame_for(file: Path) -> None:
    bad = Photo.from_bytes(b"no picture", name="bad.jpg")
    cases = [Case(id="bad", photos=(bad,)), Case(id="down", photos=(make_photo(1),))]
    down = True

    def answer(request: Any) -> Any:
        if down:
            raise ProviderUnavailable("down")
        return make_answer(request, ())

    agent = InspectionAgent(FunctionTransport(answer))
    first = list(agent.run_many(cases, checkpoint=file, ordered=True))
    assert [one.status for one in first] == ["failed", "failed"]
    down = False
    second = list(agent.run_many(cases, checkpoint=file, ordered=True))
    assert [one.status for one in second] == ["failed", "complete"]
    assert [one.resumed for one in second] == [True, False]


@pytest.mark.usefixtures("no_waits")
def test_partial_results_are_asked_again_only_where_that_is_asked_for(file: Path) -> None:
    cases = [Case(id="c1", photos=(make_photo(1), make_photo(2)))]
    down = True

    def answer(request: Any) -> Any:
        if down and request.photo_ids == ("p2",):
            raise ProviderUnavailable("down")
        return make_answer(request, ())

    agent = InspectionAgent(FunctionTransport(answer), photos_per_request=1)

    def status(**options: Any) -> str:
        (outcome,) = agent.run_many(cases, checkpoint=file, **options)
        return outcome.status

    assert status() == "partial"
    down = False
    assert status() == "partial"
    assert status(again=("failed", "partial")) == "complete"
    assert status() == "complete"


def test_an_error_is_kept_and_its_case_is_asked_again(file: Path) -> None:
    answering = Answering()
    answering.fails["c2"] = BadRequest("no", reason="malformed")
    run(answering, file, 3)
    (kept,) = [line for line in read(file) if line.get("case_id") == "c2"]
    assert InspectIQError.from_dict(kept["error"]).args == ("no",)
    again = Answering()
    assert {one.status for one in run(again, file, 3)} == {"complete"}
    assert again.asked == ["c2"]


def test_after_an_error_that_holds_for_all_a_restart_goes_on(file: Path) -> None:
    answering = Answering(seconds=0.001)
    answering.fails["c30"] = AuthenticationFailed("the key is wrong")
    with pytest.raises(AuthenticationFailed):
        run(answering, file, 100)
    again = Answering()
    assert len(run(again, file, 100)) == 100
    counted = Counter(answering.asked + again.asked)
    assert {case for case, times in counted.items() if times > 1} == {"c30"}


def test_a_higher_revision_is_another_result(file: Path) -> None:
    answering = Answering()
    cases = [Case(id="c1", description="It drips, in case c1.", revision=n) for n in (1, 2)]
    first = list(answering.agent.run_many(cases, checkpoint=file, ordered=True))
    second = list(answering.agent.run_many(cases, checkpoint=file, ordered=True))
    assert [one.result for one in first] == [one.result for one in second]
    assert len(answering.asked) == 2


def test_a_case_without_an_id_of_its_own_is_told_so(file: Path) -> None:
    given: list[Any] = [Case(description="it drips"), {"description": "it drips"}]
    outcomes = list(Answering().agent.run_many(given, checkpoint=file))
    assert all("an id that stays" in str(one.error) for one in outcomes)
    assert len(read(file)) == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (lambda e: DiagnosisAgent(e, severity="nspire"), "another severity,"),
        (lambda e: DiagnosisAgent(e, prompt=Prompt("p", "Look.")), "another prompt,"),
        (lambda e: DiagnosisAgent(e, cost_mode="model"), "cost_mode"),
        (lambda e: InspectionAgent(e), "another agent,"),
        (lambda e: DiagnosisAgent("offline"), "engine"),
    ],
)
def test_a_checkpoint_of_another_configuration_is_refused(
    file: Path, agent: Any, words: str
) -> None:
    run(Answering(), file, 2)
    before = file.read_bytes()
    other: Agent[Any, Any, Any] = agent(FunctionTransport(lambda request: "{}"))
    with pytest.raises(ConfigError, match=words):
        list(other.run_many([], checkpoint=file))
    assert file.read_bytes() == before


def test_other_limits_are_no_other_configuration(file: Path) -> None:
    run(Answering(), file, 2)
    slower = Answering(limits=Limits(rpm=10, concurrency=1), severity=SeverityPolicy.of("house"))
    assert all(one.resumed for one in run(slower, file, 2))


@pytest.mark.parametrize("content", [b"\xff\xd8 a photo", b'{"a": 1}\n', b"{", b"words\n" * 99])
def test_a_file_of_another_kind_is_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    if content == b"{":  # as a header begins that was cut off
        assert len(run(Answering(), file, 2)) == 2
        return
    with pytest.raises(ConfigError, match="is no checkpoint"):
        run(Answering(), file)
    assert file.read_bytes() == content


def test_a_newer_form_is_refused(file: Path) -> None:
    run(Answering(), file, 1)
    file.write_text(file.read_text().replace('"version": 1', '"version": 2', 1))
    with pytest.raises(ConfigError, match="the form 2"):
        run(Answering(), file, 1)


@pytest.mark.parametrize("where", ["no/such/folder/runs.jsonl", "."])
def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path, where: str) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        run(Answering(), tmp_path / where)


def test_a_second_run_on_the_same_checkpoint_is_refused(file: Path) -> None:
    with closing(Answering().agent.run_many(make_cases(5), checkpoint=file)) as outcomes:
        next(outcomes)
        with pytest.raises(ConfigError, match="in use by another run"):
            run(Answering(), file)
        assert len(list(outcomes)) == 4
    assert len(run(Answering(), file)) == 20


def test_a_full_disk_ends_the_run_and_costs_nothing_that_was_done(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, write = 20_000, os.write

    def write_some(target: int, data: Any) -> int:
        nonlocal room
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        wrote = write(target, data[:room])
        room -= wrote
        return wrote

    came: list[str] = []
    outcomes = Answering().agent.run_many(make_cases(100), checkpoint=file, at_once=2)
    with monkeypatch.context() as patched:
        patched.setattr("inspectiq.agents._checkpoint.os.write", write_some)
        with pytest.raises(InspectIQError, match=r"cannot be written \(No space left"):
            collect(outcomes, came)
    assert file.read_bytes().endswith(b"}\n")
    assert {line["case_id"] for line in read(file)[1:]} == {*came}
    assert 0 < len(came) < 20
    again = Answering()
    assert len(run(again, file, 100)) == 100
    assert not {*again.asked} & {*came}


def test_closing_early_keeps_what_is_done(file: Path) -> None:
    answering = Answering(seconds=0.002)
    with closing(answering.agent.run_many(make_cases(100), checkpoint=file, at_once=8)) as some:
        done = {next(some).case_id for _ in range(10)}
    again = Answering()
    assert len(run(again, file, 100)) == 100
    assert not {*again.asked} & done
    twice = {case for case, times in Counter(answering.asked + again.asked).items() if times > 1}
    assert len(twice) <= 8


def test_ctrl_c_keeps_what_is_done(file: Path) -> None:
    answering = Answering(seconds=0.01)
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    outcomes = answering.agent.run_many(make_cases(10_000), checkpoint=file, at_once=4)
    came: list[str] = []
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        collect(outcomes, came)
    timer.join()
    assert came
    again = Answering()
    assert len(run(again, file, len(answering.asked))) == len(answering.asked)
    assert not {*again.asked} & {*came}
    assert len(again.asked) <= 4


def test_a_process_that_is_killed_loses_only_what_was_in_flight(tmp_path: Path) -> None:
    file, calls = tmp_path / "runs.jsonl", tmp_path / "calls"
    command = [sys.executable, "-m", "tests.agents.many_cases", str(file), str(calls), "300"]
    for done in (40, 90):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            for _ in range(done):
                assert process.stdout.readline()
            process.kill()
    ended = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    ).stdout.splitlines()
    assert {line.split()[0] for line in ended} == {f"c{number}" for number in range(1, 301)}
    assert len(ended) == 300
    assert {line.split()[1] for line in ended} == {"complete"}
    counted = Counter(calls.read_text().split())
    assert len(counted) == 300
    assert sum(counted.values()) - 300 <= 2 * 4


def test_many_outcomes_share_a_sync_of_the_disk(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[CaseOutcome[Inspection]] = [
        CaseOutcome(number=n, case_id=f"c{n}", error=ERROR) for n in range(1, 33)
    ]
    syncing, go_on = threading.Event(), threading.Event()
    syncs = 0

    def slow_sync(target: int) -> None:
        nonlocal syncs
        syncs += 1
        syncing.set()
        assert go_on.wait(30)

    async def keep_all() -> None:
        checkpoint = Checkpoint(file, agent="a", made_by={}, form=Inspection, again=())
        await checkpoint.open()
        with monkeypatch.context() as patched:
            patched.setattr("inspectiq.agents._checkpoint.os.fsync", slow_sync)
            keeping = [asyncio.create_task(checkpoint.keep(outcomes[0], 1))]
            await asyncio.to_thread(syncing.wait, 30)
            keeping += [asyncio.create_task(checkpoint.keep(other, 1)) for other in outcomes[1:]]
            await asyncio.sleep(0)  # each has begun, while the disk is at work
            go_on.set()
            await asyncio.gather(*keeping)
        await checkpoint.close()

    asyncio.run(keep_all())
    assert syncs == 2
    assert len(read(file)) == 1 + 32
