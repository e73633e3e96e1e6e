"""Phrases that the screen is tried with, one a line; lines that begin with `#` group them."""

from pathlib import Path


def phrases(name: str) -> list[str]:
    """The phrases of a file, without the lines that group them."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
