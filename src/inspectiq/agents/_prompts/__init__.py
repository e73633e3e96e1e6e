"""The instructions that engines get: versioned text files, or the host's own."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from inspectiq._taking import require
from inspectiq._text import replace_surrogates
from inspectiq.errors import ConfigError

__all__ = ["Prompt", "hash_text"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Instructions for an engine, with a name and a content hash.

    Attributes:
        name: Such as `inspection-1`, or the file's name.
        text: The instructions.
    """

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Content hash of the text."""
        return hash_text(self.text)

    @classmethod
    def shipped(cls, name: str) -> Prompt:
        """Reads a prompt that ships with inspectiq.

        Raises:
            ConfigError: There is none of this name.
        """
        names = sorted(place.name for place in files(__name__).iterdir())
        if f"{name}.md" not in names:
            shipped = [text.removesuffix(".md") for text in names if text.endswith(".md")]
            raise ConfigError(f"there is no prompt {name!r}; use one of {', '.join(shipped)}")
        text = files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
        return cls(name=name, text=text)

    @classmethod
    def of(cls, prompt: Prompt | Path | str) -> Prompt:
        """Makes a prompt from a file (a `Path`) or from text (a `str`); returns a prompt as it is.

        Raises:
            ConfigError: The file cannot be read, or the text is empty.
        """
        if isinstance(prompt, Prompt):
            return prompt
        require(prompt, (str, Path), "prompt", "give a Prompt, a Path or the text")
        if isinstance(prompt, Path):
            named = cls(name=prompt.name, text=_read_file(prompt))
        elif re.fullmatch(r"\S+\.(txt|md)", prompt):
            raise ConfigError(f"prompt={prompt!r} is text; for the file, pass Path({prompt!r})")
        else:
            named = cls(name="custom", text=prompt)
        if replace_surrogates(named.text) != named.text:
            raise ConfigError(f"the prompt {named.name} has lone surrogates; give proper text")
        if not named.text.strip():
            raise ConfigError(f"the prompt {named.name} is empty")
        return named


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the prompt file {path.name} cannot be read ({type(error).__name__}); "
            "give a UTF-8 text file"
        ) from error


def hash_text(text: str) -> str:
    """Hashes the UTF-8 of a text; hex sha256."""
    return hashlib.sha256(text.encode()).hexdigest()
