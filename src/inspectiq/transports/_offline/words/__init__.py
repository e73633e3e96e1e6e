"""Reads a tenant's words offline, by the symptoms of a taxonomy."""

from inspectiq.transports._offline.words.problems import ReportedProblem, read_words

__all__ = ["ReportedProblem", "read_words"]
