"""Imports a command only when it runs: some need slow libraries."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module

__all__ = ["Command", "defer"]

Command = Callable[[argparse.Namespace], int]


def defer(room: str, name: str) -> Command:
    """Makes a command that is imported only when it runs: some need slow libraries."""

    def run(arguments: argparse.Namespace) -> int:
        command: Command = getattr(import_module(f"inspectiq._cli.{room}"), name)
        return command(arguments)

    return run
