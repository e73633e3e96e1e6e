"""A tenant's words, read offline by the symptoms of a taxonomy."""

from inspectiq.transports._offline.words.reading import Told, read_words

__all__ = ["Told", "read_words"]
