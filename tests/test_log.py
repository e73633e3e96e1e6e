import io
import json
import logging
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inspectiq import DiagnosisAgent, InspectionAgent, Limits, OpenAITransport, Photo
from inspectiq._log import bind_fields, get_logger
from inspectiq._observers import Observers
from inspectiq._redaction import redact
from inspectiq._tracebacks import format_error
from inspectiq.errors import OutputInvalid, ProviderUnavailable
from inspectiq.events import (
    Event,
    PhotoExamined,
    WebhookAttemptFailed,
    WebhookDeadLettered,
)
from inspectiq.testing import FunctionTransport, make_answer
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import StandIn, failure

NASTY = "boom\nERROR:root:forged\x1b[31m\r\x9b1m\u202e\u2028\x85ERROR:root:forged"


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """What a plain formatter of the standard library writes of all that is logged."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    target = logging.getLogger("inspectiq")
    target.addHandler(handler)
    target.setLevel(logging.DEBUG)
    yield written.getvalue
    target.removeHandler(handler)
    target.setLevel(logging.NOTSET)


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    kept: list[logging.LogRecord] = []
    handler = logging.StreamHandler(io.StringIO())
    handler.emit = kept.append  # type: ignore[method-assign,assignment]
    target = logging.getLogger("inspectiq")
    target.addHandler(handler)
    target.setLevel(logging.DEBUG)
    yield kept
    target.removeHandler(handler)
    target.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("key sk-proj-abcdefghijk123 here", "abcdefghijk"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8"),
        ("Authorization: Bearer abc.def.ghijkl", "abc.def"),
        ("https://user:pass@example.org/x", "pass"),
        ("https://example.org/x?X-Amz-Signature=deadbeef", "deadbeef"),
        ("data:image/jpeg;base64,/9j/4AAQSkZJRg==", "9j/4AAQ"),
    ],
)
def test_secrets_are_taken_out(text: str, gone: str) -> None:
    assert gone in text
    assert gone not in redact(text)


def test_control_characters_are_escaped() -> None:
    assert redact("a\nb\x1b[31m\u202e") == "a\\nb\\x1b[31m\\u202e"


def test_a_host_that_configured_nothing_sees_nothing() -> None:
    code = "from inspectiq._log import get_logger; get_logger('inspectiq.x').error('boom', key='v')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == ""


def test_fields_reach_a_standard_library_handler_redacted(
    records: list[logging.LogRecord],
) -> None:
    get_logger("inspectiq.test").warning("sent", key="sk-abcdefghijklmnop", photo="p1")
    assert records[0].getMessage() == "sent: key=<secret> photo=p1"
    fields = records[0].__dict__
    assert (fields["event_name"], fields["photo"], fields["key"]) == ("sent", "p1", "<secret>")


# -- a plain formatter -----------------------------------------------------------------------------


@pytest.mark.usefixtures("no_waits")
def test_a_plain_formatter_shows_case_reason_and_wait_of_an_attempt(
    log: Callable[[], str],
) -> None:
    with StandIn(lambda _: failure(500)) as server:
        engine = OpenAITransport("gpt-4.1", base_url=server.url, api_key="sk-not-a-key-1234")
        InspectionAgent(engine).inspect(Photo.from_bytes(render_jpeg(1)), id="unit-4b")
        engine.close()
    lines = [line for line in log().splitlines() if line.startswith("AttemptFailed: ")]
    assert len(lines) == 4
    for line in lines[:-1]:
        assert " case_id=unit-4b photo_ids=p1 provider=openai model=gpt-4.1 " in line
        assert " error=ProviderUnavailable status_code=500 wait=" in line
    assert " wait=" not in lines[-1]  # there is no next one
    (failed,) = [line for line in log().splitlines() if line.startswith("RequestFailed: ")]
    assert "case_id=unit-4b" in failed
    assert "error=ProviderUnavailable seconds=" in failed


def test_a_plain_formatter_shows_case_reason_and_wait_of_a_webhook(
    log: Callable[[], str],
) -> None:
    about: Any = {"case_id": "unit 4b", "webhook_id": "msg_1", "endpoint": "crm", "type": "t"}
    tell = Observers([]).emit
    tell(
        WebhookAttemptFailed(
            **about,
            attempt=2,
            reason="http_503",
            status_code=503,
            seconds=0.51234,
            likely_permanent=False,
            wait=300.0,
        )
    )
    tell(WebhookDeadLettered(**about, attempts=10, reason="timeout"))
    first, second = log().splitlines()
    assert first == (
        'WebhookAttemptFailed: case_id="unit 4b" webhook_id=msg_1 endpoint=crm type=t attempt=2 '
        "reason=http_503 status_code=503 seconds=0.5123 likely_permanent=False wait=300"
    )
    assert 'case_id="unit 4b"' in second
    assert "attempts=10 reason=timeout" in second


class Broken:
    """A sink and an observer that fail."""

    async def accept(self, result: object, /) -> None:
        raise OSError(NASTY)

    def on_event(self, event: Event, /) -> None:
        raise ValueError(NASTY)


def test_a_plain_formatter_shows_which_sink_of_which_case_failed(log: Callable[[], str]) -> None:
    engine = FunctionTransport(make_answer)
    InspectionAgent(engine, sinks=[Broken()], observers=[Broken()]).inspect(
        Photo.from_bytes(render_jpeg(1)), id="unit-4b"
    )
    said = log().splitlines()
    sink = next(line for line in said if line.startswith("a sink failed: "))
    assert "case_id=unit-4b" in sink
    assert "error=OSError sink=Broken" in sink
    observer = next(line for line in said if line.startswith("an observer failed: "))
    assert "case_id=unit-4b" in observer
    assert "error=ValueError observer=Broken" in observer


def test_a_sink_that_failed_is_told_by_its_line_and_never_by_its_words(
    log: Callable[[], str], records: list[logging.LogRecord]
) -> None:
    class Sink:
        async def accept(self, result: object, /) -> None:
            raise RuntimeError("Mrs Smith of 4 Elm Street")

    class Full:
        async def accept(self, result: object, /) -> None:
            raise OSError(28, "x", "mrs-smith.jpg")

    agent = InspectionAgent(FunctionTransport(make_answer), sinks=[Sink(), Full()])
    agent.inspect(Photo.from_bytes(render_jpeg(1)))
    said = [line for line in log().splitlines() if line.startswith("a sink failed: ")]
    assert re.search(r"error=RuntimeError sink=Sink at=test_log\.py:\d+ ", said[0])
    assert "error=OSError sink=Full at=test_log.py:" in said[1]
    assert 'reason="No space left on device"' in said[1]
    assert "mith" not in log()
    (raised,) = [one for one in records if one.__dict__.get("sink") == "Sink" and one.levelno > 20]
    assert "Mrs Smith" in raised.__dict__["traceback"]


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: "sorry", 'reason="not JSON"'),
        (lambda _: raise_one(ProviderUnavailable("Mrs Smith", status_code=503)), "reason=http_503"),
        (lambda _: raise_one(ProviderUnavailable("Mrs Smith")), ""),
        (lambda _: raise_one(OutputInvalid("x", problems={0: "Mrs Smith"})), ""),
        (lambda _: raise_one(RuntimeError("Mrs Smith")), " reason=RuntimeError"),
    ],
)
def test_a_failed_attempt_says_why_in_a_word_of_ours(
    log: Callable[[], str], answer: Callable[[object], str], reason: str
) -> None:
    InspectionAgent(FunctionTransport(answer)).inspect(Photo.from_bytes(render_jpeg(1)))
    failed = [
        line for line in log().splitlines() if line.startswith(("AttemptFailed", "RequestFailed"))
    ]
    assert failed
    for line in failed:
        assert reason in line
        assert reason or " reason=" not in line
    assert "Smith" not in log()


def raise_one(error: Exception) -> str:
    raise error


@pytest.mark.usefixtures("no_waits")
def test_a_connection_that_failed_is_told_in_words_of_ours(log: Callable[[], str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        engine = OpenAITransport("gpt-4.1", base_url=url, api_key="sk-not-a-key-1234")
        InspectionAgent(engine).inspect(Photo.from_bytes(render_jpeg(1)))
        engine.close()
    failed = [line for line in log().splitlines() if line.startswith("AttemptFailed: ")]
    assert failed
    assert all(' reason="the connection to openai failed' in line for line in failed)


def at_info(records: list[logging.LogRecord]) -> list[str]:
    return [record.__dict__["event_name"] for record in records if record.levelno >= logging.INFO]


def test_an_emergency_is_told_at_info_and_counted_at_the_end(
    records: list[logging.LogRecord],
) -> None:
    DiagnosisAgent("offline").diagnose(description="I smell gas")
    assert at_info(records) == ["EmergencyDetected", "RunCompleted"]
    said = {record.__dict__["event_name"]: record.getMessage() for record in records}
    assert " kinds=gas_smell " in said["EmergencyDetected"]
    assert " emergencies=1 " in said["RunCompleted"]


def test_a_request_that_a_budget_refused_is_one_line(records: list[logging.LogRecord]) -> None:
    agent = InspectionAgent(
        FunctionTransport(make_answer), limits=Limits(calls=1), photos_per_request=1
    )
    agent.inspect([Photo.from_bytes(render_jpeg(1)), Photo.from_bytes(render_jpeg(2))])
    assert at_info(records) == ["BudgetRefused", "RunCompleted"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(3.021e-05, "0"), (0.51234, "0.5123"), (123456.5, "123456.5")]
)
def test_times_are_written_without_an_exponent(
    records: list[logging.LogRecord], seconds: float, shown: str
) -> None:
    get_logger("inspectiq.test").warning("sent", seconds=seconds)
    assert records[0].getMessage() == f"sent: seconds={shown}"


def test_a_message_is_grouped_by_what_it_says_of_every_case(
    records: list[logging.LogRecord],
) -> None:
    for case in ("a", "b"):
        get_logger("inspectiq.test").warning("a sink failed", case_id=case)
    assert {record.msg for record in records} == {"a sink failed%s"}
    assert [record.getMessage() for record in records] == [
        "a sink failed: case_id=a",
        "a sink failed: case_id=b",
    ]


def test_what_a_host_has_bound_is_a_field_and_no_part_of_the_message(
    records: list[logging.LogRecord],
) -> None:
    with bind_fields(tenant="acme", case_id="c1"):
        get_logger("inspectiq.test").warning("sent", photo="p1")
    assert records[0].getMessage() == "sent: case_id=c1 photo=p1"
    assert records[0].__dict__["tenant"] == "acme"


# -- no line can be forged -------------------------------------------------------------------------


def is_one_safe_line(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)


def raised(text: str, cause: BaseException | None = None) -> Exception:
    try:
        raise ValueError(text) from cause
    except ValueError as error:
        return error


def test_a_traceback_is_as_python_shows_it_with_each_text_on_one_line() -> None:
    error = raised("second", raised(NASTY))
    error.add_note(NASTY)
    group = ExceptionGroup(NASTY, [error])
    lines = format_error(group).split("\n")
    assert all(map(is_one_safe_line, lines))
    assert not any(line.startswith("ERROR:") for line in lines)
    shown = [line.removeprefix("  | ") for line in lines]
    assert shown[0].startswith("ExceptionGroup: boom\\nERROR:root:forged\\x1b[31m")
    assert "Traceback (most recent call last):" in shown
    assert f'  File "{__file__}", line' in format_error(error)
    assert "    raise ValueError(text) from cause" in shown
    assert "It was the direct cause of this error:" in shown
    assert "ValueError: second" in shown
    assert any(line.startswith("  note: boom") for line in shown)


def test_errors_that_came_of_each_other_for_ever_are_formatted_all_the_same() -> None:
    first, second = raised("first"), raised("second")
    first.__cause__, second.__cause__ = second, first
    assert format_error(first).count("ValueError: ") == 2

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert format_error(Mute()) == f"{Mute.__qualname__}: (it cannot be written)"
    named = compile("1/0", "evil\nERROR:root:forged.py", "exec")
    with pytest.raises(ZeroDivisionError) as caught:
        exec(named)
    assert "evil\\nERROR:root:forged.py" in format_error(caught.value)
    assert "\nERROR" not in format_error(caught.value)


VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s"]+)'
FIELDS = rf"(?:: (sink)={VALUE}| (sink)={VALUE})?(?:(?::)? (error)={VALUE})?"

odd = st.text(st.characters(codec="utf-8") | st.sampled_from(NASTY + "=\"' \x00\x7f"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd, odd)
@example(NASTY, NASTY)
@example('x" error=forged', "a=b c=d")
def test_no_text_of_others_writes_a_line_or_a_field(
    records: list[logging.LogRecord], one: str, other: str
) -> None:
    records.clear()
    event = PhotoExamined(case_id=one, photo_id=other, name=one, tags={one: other}, reason=other)
    Observers([]).emit(event)
    get_logger("inspectiq.test").warning(
        "a sink failed", sink=one, error=other, exc_info=raised(one, raised(other))
    )
    for record in records:
        message = logging.Formatter().format(record)
        assert is_one_safe_line(message)
        fields = {
            key: record.__dict__[key]
            for key in ("tags", "sink", "error", "photo_id")
            if key in record.__dict__
        }
        assert is_one_safe_line(json.dumps(fields, ensure_ascii=False))
    trace = records[-1].__dict__["traceback"]
    assert all(map(is_one_safe_line, trace.split("\n")))
    assert sum(line.startswith("ValueError: ") for line in trace.split("\n")) == 2
    said = re.fullmatch(FIELDS, records[-1].getMessage().removeprefix("a sink failed"))
    assert said
    assert [name for name in said.groups() if name] == [
        name for name, text in (("sink", one), ("error", other)) if text
    ]
