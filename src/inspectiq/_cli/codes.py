"""The exit codes of the command line."""

from collections.abc import Mapping

__all__ = ["EXIT_CODES", "INTERRUPTED", "USAGE", "explain_codes"]

EXIT_CODES = {"complete": 0, "partial": 1, "failed": 3}
USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells expect


def explain_codes(meanings: Mapping[int, str]) -> str:
    """Writes the exit codes of a command for its `--help`.

    Args:
        meanings: Those that it has of its own; the others mean the same everywhere.
    """
    shared = {
        0: "done",
        USAGE: "usage or configuration; nothing was sent",
        EXIT_CODES["failed"]: "failed",
        INTERRUPTED: "interrupted",
    }
    told = sorted({**shared, **meanings}.items())
    return "exit codes:\n" + "\n".join(f"  {code:<5}{meaning}" for code, meaning in told)
