import io
import logging
import subprocess
import sys

import pytest

from inspectiq._log import get_logger
from inspectiq._redaction import redact


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


def test_fields_reach_a_standard_library_handler_redacted() -> None:
    records: list[logging.LogRecord] = []
    handler = logging.StreamHandler(io.StringIO())
    handler.emit = records.append  # type: ignore[method-assign,assignment]
    target = logging.getLogger("inspectiq.test")
    target.addHandler(handler)
    try:
        get_logger("inspectiq.test").warning("sent", key="sk-abcdefghijklmnop", photo="p1")
    finally:
        target.removeHandler(handler)
    assert records[0].getMessage() == "sent: key=<secret> photo=p1"
    assert records[0].__dict__["event_name"] == "sent"
    assert records[0].__dict__["photo"] == "p1"
    assert records[0].__dict__["key"] == "<secret>"
