"""Names in a short word why a call failed, for events and log lines."""

from __future__ import annotations

from typing import get_args

from inspectiq._error_reasons import BadRequestReason, FetchReason, PhotoReason, UnsafeReason
from inspectiq._log import is_own_frame
from inspectiq._text import to_one_line
from inspectiq.errors import (
    BudgetExceeded,
    InspectIQError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    ProviderTimeout,
)

__all__ = ["name_reason"]

LONGEST = 100  # characters of a message of ours; our assumption

_KINDS: tuple[tuple[type[InspectIQError], str], ...] = (
    (BudgetExceeded, "budget"),
    (OutputTruncated, "length"),
    (OutputRefused, "refusal"),
    (OutputFiltered, "filter"),
    (ProviderTimeout, "timeout"),
)
_WORDS = {
    word
    for words in (BadRequestReason, FetchReason, PhotoReason, UnsafeReason)
    for word in get_args(words)
}


def name_reason(error: InspectIQError) -> str | None:
    """Names why a call failed: a word, as webhooks have it, or what inspectiq itself says of it.

    Never a word of a server, of an engine or of a host's object: of what one of those raised the
    class of its cause is named, such as `ConnectError`; None where it has none.
    """
    own = getattr(error, "reason", None)
    if isinstance(own, str) and own in _WORDS:
        return own
    if isinstance(error, ProviderTimeout) and not error.attempts:
        return "deadline"
    if word := next((word for kind, word in _KINDS if isinstance(error, kind)), None):
        return word
    if status := getattr(error, "status_code", None):
        return f"http_{status}"
    if not _is_raised_here(error):
        return None if error.__cause__ is None else type(error.__cause__).__name__
    wrong = next(iter(error.problems.values()), "") if isinstance(error, OutputInvalid) else ""
    return to_one_line(wrong or str(error), LONGEST)


def _is_raised_here(error: BaseException) -> bool:
    """Tells whether the message is ours: raised by our code, and of no other error's making."""
    trace = error.__traceback__
    if trace is None or type(error).__name__ == "TransportError":  # which wraps what a host raised
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    return is_own_frame(trace.tb_frame)
