"""Checks that what is given to a command is of the kind that it takes."""

from __future__ import annotations

import argparse
import glob
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from inspectiq._cli.terminal import say
from inspectiq.config import FILES
from inspectiq.errors import ConfigError
from inspectiq.photos._folders import looks_like_photo

__all__ = [
    "check_folder",
    "check_holds_config",
    "check_photo_paths",
    "read_stdin",
    "refuse_file_as_words",
]


def check_photo_paths(paths: Sequence[str]) -> None:
    """Makes sure that there is something at one of the paths, and warns of those with nothing.

    Raises:
        ConfigError: There is nothing at any of them, or no photo.
    """
    for path in paths:
        if path.lower().startswith(("http://", "https://", "s3://", "gs://", "data:")):
            raise ConfigError(
                f"{path.partition('?')[0][:80]}: photos by URL are not fetched by this command; "
                "download them, or use Photo.from_url in Python"
            )
    missing = [path for path in paths if not _is_there(path)]
    if paths and len(missing) == len(paths):
        raise ConfigError("; ".join(map(_explain_missing, missing)))
    files = [path for path in paths if _is_file(path)]
    others = [path for path in files if not looks_like_photo(Path(path).expanduser())]
    if others and len(others) == len(paths):
        raise ConfigError("; ".join(map(_explain_other, others)))
    for path in missing:
        say(f"inspectiq: {_explain_missing(path)}; the rest goes on", file=sys.stderr)


def _is_there(path: str) -> bool:
    try:
        return Path(path).expanduser().exists() or any(glob.iglob(path, recursive=True))  # noqa: PTH207
    except (OSError, ValueError, RuntimeError):  # too long, with a zero byte, or of no user
        return False


def _is_file(path: str) -> bool:
    try:
        return Path(path).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _explain_missing(path: str) -> str:
    if not path.strip():
        return "an empty path was given; give photos, folders or globs"
    if glob.has_magic(path):
        return f"nothing matches {path}"
    words = " ".join(path.split())
    if " " in words and not any(mark in words for mark in "./\\"):
        return f"there is no file or folder {path!r}; words go into --description"
    return f"there is no file or folder {path}{_suggest_sibling(Path(path))}"


def _suggest_sibling(path: Path) -> str:
    try:
        near = get_close_matches(path.name, [one.name for one in path.parent.iterdir()], n=1)
    except OSError:
        return f", nor a folder {path.parent}"
    return f"; did you mean {path.parent / near[0]}?" if near else ""


def _explain_other(path: str) -> str:
    hint = "give photos, folders or globs"
    if path.lower().endswith(".json"):
        hint = "`inspectiq regrade` takes a stored result"
    return f"{path} is no photo; {hint}"


def check_folder(folder: Path) -> None:
    """Makes sure that a folder of configuration is there.

    Raises:
        ConfigError: It is no folder.
    """
    if folder.is_file():
        raise ConfigError(f"{folder} is a file; give the folder of configuration that it is in")
    if not folder.exists():
        raise ConfigError(f"there is no folder {folder}{_suggest_sibling(folder)}")


def check_holds_config(folder: Path) -> None:
    """Makes sure that a folder, whose files are in order, holds some configuration.

    Raises:
        ConfigError: It holds no file that would be read.
    """
    names = {entry.name for entry in folder.iterdir()}
    if not names & set(FILES):
        found = ", ".join(sorted(names)[:5])
        held = f"it has {found}" if found else "it is empty"
        raise ConfigError(
            f"{folder} holds no configuration, {held}; the files that are read are "
            f"{', '.join(FILES)}"
        )


def take_folder(text: str) -> Path:
    """Takes the path of a folder that an option names; an empty one would be this folder.

    Raises:
        argparse.ArgumentTypeError: It is empty.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty path was given; give a folder, such as report")
    return Path(text)


def read_stdin() -> str:
    """Reads the text that comes on standard input.

    Raises:
        ConfigError: It is no text.
    """
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigError("what comes on standard input is no text, but a file of another kind")
    return text


def refuse_file_as_words(text: str) -> None:
    """Refuses the path of a file where words are expected, which would be screened as words.

    Raises:
        ConfigError: The text is the path of a file.
    """
    named = Path(text).suffix or "/" in text or "\\" in text
    if named and _is_file(text):
        raise ConfigError(
            f"{text} is a file, and words are expected; for those in it `inspectiq screen - < FILE`"
        )
