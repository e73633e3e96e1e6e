"""Adds the arguments of the commands that compare stored results with what people said."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from inspectiq._cli.deferring import defer
from inspectiq._cli.paths import take_folder

__all__ = [
    "CALIBRATION_WORDS",
    "EVALUATION_CODES",
    "EVALUATION_WORDS",
    "add_calibration",
    "add_evaluation",
    "add_month",
    "add_sweep",
]

EVALUATION_CODES: Mapping[int, str] = {
    0: "done; with --fail-under: nothing is below",
    1: "with --fail-under: something is below, or of too few to say",
}
EVALUATION_WORDS = """
RESULTS is a folder of stored results, a file of one, or the results.jsonl of `many`. LABELS is the
form that --template wrote, filled in. Without it, what people decided about findings counts."""

CALIBRATION_WORDS = """
RESULTS is what `evaluate` takes, reviewed by people. It refuses where a model has too few reviewed
findings, and says how many are needed."""


def add_calibration(command: argparse.ArgumentParser) -> None:
    """Adds those of `calibrate`."""
    command.add_argument("results", type=Path, metavar="RESULTS", help="a file or a folder")
    command.add_argument("--out", type=Path, metavar="FILE", required=True, help="write it here")
    command.add_argument(
        "--method",
        choices=("platt", "isotonic"),
        default="platt",
        help="how it is fitted: a sigmoid, or rising steps, of 1,000 findings or more",
    )
    command.add_argument("--json", action="store_true", help="print it as JSON")
    command.set_defaults(command=defer("calibrating", "run_calibration"))


def add_month(command: argparse.ArgumentParser) -> None:
    """Adds those of `review-month`."""
    command.add_argument(
        "results", type=Path, nargs="+", metavar="RESULTS", help="files or folders, of both months"
    )
    command.add_argument("--month", metavar="YYYY-MM", help="in UTC; the last one if not given")
    command.add_argument(
        "--labels", type=Path, metavar="FILE", help="what people saw or paid, as for `evaluate`"
    )
    command.add_argument(
        "--photos", type=Path, metavar="DIR", help="where the photos are, to show them"
    )
    command.add_argument("--out", type=take_folder, metavar="DIR", help="write it here")
    command.add_argument("--json", action="store_true", help="print it as JSON")
    command.set_defaults(command=defer("evaluating", "run_month"))


def add_sweep(command: argparse.ArgumentParser) -> None:
    """Adds those of `sweep`."""
    command.add_argument("plan", type=Path, metavar="PLAN", help="a TOML file")
    command.add_argument("--out", type=take_folder, metavar="DIR", help="write it here, and go on")
    command.add_argument(
        "--preview", action="store_true", help="tell what each run takes, and send nothing"
    )
    command.add_argument("--json", action="store_true", help="print it as JSON")
    command.set_defaults(command=defer("sweeping", "run_sweep"))


def add_evaluation(command: argparse.ArgumentParser) -> None:
    """Adds those of `evaluate`."""
    command.add_argument("results", type=Path, metavar="RESULTS", help="a file or a folder")
    command.add_argument(
        "labels", type=Path, nargs="?", metavar="LABELS", help="a CSV or COCO file"
    )
    command.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        help="write the form to label in, CSV or (.json) COCO, and nothing else",
    )
    command.add_argument(
        "--sent",
        type=Path,
        metavar="FILE",
        help="the COCO file that a labelling tool got, where it keeps file names only",
    )
    command.add_argument(
        "--match", choices=("type", "group"), default="type", help="what must be the same"
    )
    command.add_argument(
        "--overlap", type=float, default=0.5, metavar="SHARE", help="of boxes, at least; 0.5"
    )
    command.add_argument(
        "--mixed", action="store_true", help="count results of several configurations together"
    )
    command.add_argument(
        "--ledger", type=Path, metavar="FILE", help="what --ledger wrote, for how long photos took"
    )
    command.add_argument(
        "--baseline",
        type=Path,
        metavar="RESULTS",
        help="tell how these differ from another run over the same cases, and nothing else",
    )
    command.add_argument(
        "--fail-under",
        action="append",
        default=[],
        metavar="FIGURE=LEAST",
        help="end with 1 where a figure is below, such as recall=.8",
    )
    command.add_argument("--out", type=take_folder, metavar="DIR", help="write it here")
    command.add_argument("--json", action="store_true", help="print it as JSON")
    command.set_defaults(command=defer("evaluating", "run_evaluation"))
