"""Runs several configurations over the same cases, and writes how they compare."""

from __future__ import annotations

import argparse
import sys

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import print_json, try_folder
from inspectiq._cli.terminal import say
from inspectiq.errors import ConfigError
from inspectiq.evaluation._sweep_plan import SweepPlan

__all__ = ["run_sweep"]


def run_sweep(arguments: argparse.Namespace) -> int:
    """Runs the plan, or tells what it would take."""
    plan = SweepPlan.load(arguments.plan)
    if arguments.preview:
        for name, told in plan.preview().items():
            say(f"{name}: {told}")
        say(f"The plan allows ${plan.usd} for all of it.")
        return EXIT_CODES["complete"]
    if arguments.out is None:
        raise ConfigError("a sweep keeps what it paid for; give --out DIR, or --preview")
    try_folder(arguments.out)
    made = plan.execute(
        arguments.out, on_run=lambda name: say(f"inspectiq: run {name}", file=sys.stderr)
    )
    texts = {"md": made.to_markdown(), "json": made.to_json(), "html": made.to_html()}
    for suffix, text in texts.items():
        (arguments.out / f"sweep.{suffix}").write_text(text, encoding="utf-8")
    if arguments.json:
        print_json(texts["json"])
    else:
        say(*texts["md"].removesuffix("\n").split("\n"), f"Written: {arguments.out / 'sweep.html'}")
    return EXIT_CODES["complete" if all(run.status == "done" for run in made.runs) else "partial"]
