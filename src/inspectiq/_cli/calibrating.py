"""Fits a calibration of confidence to reviewed results, and shows how reliable it is."""

from __future__ import annotations

import argparse

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import print_json, try_folder
from inspectiq._cli.terminal import say
from inspectiq.evaluation._calibration import Calibration

__all__ = ["run_calibration"]


def run_calibration(arguments: argparse.Namespace) -> int:
    """Fits it, writes it, and prints its reliability."""
    try_folder(arguments.out.parent)
    calibration = Calibration.fit(arguments.results, method=arguments.method)
    calibration.save(arguments.out)
    if arguments.json:
        print_json(arguments.out.read_text(encoding="utf-8"))
    else:
        say(*calibration.to_markdown().removesuffix("\n").split("\n"))
        say(f"Written: {arguments.out}")
    return EXIT_CODES["complete"]
