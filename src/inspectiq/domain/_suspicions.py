"""Signs that a text gives the engine instructions instead of describing the property."""

from __future__ import annotations

from typing import Literal

from inspectiq._values import Value

__all__ = ["Suspicion", "TextSource"]

TextSource = Literal["words", "answers", "names", "photos", "leak"]


class Suspicion(Value):
    """A text that seems to instruct the engine. It is flagged, never obeyed, and changes nothing.

    Attributes:
        source: Where it stood: the `words` of the case, the `answers` to questions, the `names`
            of rooms, what the engine wrote about `photos`; `leak` where the engine gave away its
            instructions.
        photo_id: The photo that it is about, if any.
        words: The text, shortened; how many characters, where they cannot be seen; of a leak,
            nothing.
    """

    source: TextSource
    photo_id: str | None = None
    words: str = ""
