"""Runs every Python block of the README and the documentation, in a folder with sample photos."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from inspectiq._samples import write_samples

# Tests start some forty interpreters; each would compile the package if none kept what it made.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

gc.disable()  # collecting makes much and drops little


def pytest_collection_finish() -> None:
    """Spares later garbage collections what collecting the tests made: it lives to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)  # else what the package itself keeps is walked again and again
    gc.enable()


# Before Python 3.13, `**` stands for exactly one folder.
PATTERNS = ("README.md", "docs/*.md", "docs/**/*.md", "docs/llms.txt")

_work: list[tuple[tempfile.TemporaryDirectory[str], Path]] = []


@cache
def copy_samples() -> Path:
    """Copies the sample photos by room into a folder, once; do not change it."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_samples(Path(folder))
    return Path(folder)


def _enter(_: dict[str, Any]) -> None:
    folder = tempfile.TemporaryDirectory()
    _work.append((folder, Path.cwd()))
    shutil.copytree(copy_samples(), Path(folder.name) / "photos")
    os.chdir(folder.name)


def _leave(_: dict[str, Any]) -> None:
    folder, back = _work.pop()
    os.chdir(back)
    folder.cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=PATTERNS,
    setup=_enter,
    teardown=_leave,
).pytest()
