"""Defines a rule of the table of errors: what a server may say, and our error for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inspectiq.errors import BadRequestReason, InspectIQError
from inspectiq.transports._openai.server_errors import ServerError

__all__ = ["ErrorRule"]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One kind of error, and how to tell it by status, codes or words.

    Attributes:
        kind: Class of our error.
        advice: What was meant, and which setting mends it; may name `provider`, `model`, `smaller`
            (how to ask for less at once) and `other` (the other API).
        reason: Of a `BadRequest`.
        statuses: Any of these is enough.
        codes: So is any of these; one that ends in a star matches all that begin so.
        words: So is any of these regular expressions, in words or codes.
        but_not: Regular expressions that say that the words mean something else.
        never_at: Statuses at which neither codes nor words count.
    """

    kind: type[InspectIQError]
    advice: str
    reason: BadRequestReason | None = None
    statuses: Sequence[int | None] = ()
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    never_at: Sequence[int] = ()

    def matches(self, error: ServerError) -> bool:
        """Tells whether the rule is about a server's error."""
        if error.status in self.statuses:
            return True
        if error.status in self.never_at:
            return False
        if any(self._lists_code(code) for code in error.codes):
            return True
        text = "\n".join([error.words, *error.codes])
        return _is_found(self.words, text) and not _is_found(self.but_not, text)

    def _lists_code(self, code: str) -> bool:
        begun = tuple(known[:-1] for known in self.codes if known.endswith("*"))
        return code in self.codes or code.startswith(begun)


def _is_found(patterns: Sequence[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)
