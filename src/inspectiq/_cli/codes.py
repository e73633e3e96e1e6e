"""The exit codes of the command line."""

__all__ = ["EXIT_CODES", "INTERRUPTED", "USAGE"]

EXIT_CODES = {"complete": 0, "partial": 1, "failed": 3}
USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells expect
