"""Builds the parser of the command line: its commands, their arguments and their exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspectiq._cli.codes import explain_codes
from inspectiq._cli.deferring import defer
from inspectiq._cli.evaluation_arguments import (
    CALIBRATION_WORDS,
    EVALUATION_CODES,
    EVALUATION_WORDS,
    add_calibration,
    add_evaluation,
    add_month,
    add_sweep,
)
from inspectiq._cli.paths import take_folder
from inspectiq._cli.terminal import Parser
from inspectiq._cli.webhook_arguments import WEBHOOK_CODES, add_webhooks
from inspectiq._version import __version__

__all__ = ["build_parser"]


_RUN_CODES = {
    0: "complete: every photo was assessed, and the words of a diagnosis",
    1: "partial: some of it was not assessed, or only triaged",
    3: "failed: no engine looked at any of it",
}
_CODES: Mapping[str, Mapping[int, str]] = {
    "inspect": _RUN_CODES,
    "diagnose": _RUN_CODES,
    "many": {
        0: "complete: every photo of every case was assessed, and the words of a diagnosis",
        1: "partial: some of it was not, or only triaged",
        3: "failed: no engine looked at any of it; or the run could not go on to its end",
    },
    "evaluate": EVALUATION_CODES,
    "sweep": {0: "done", 1: "some run could not go on to its end; the same command goes on"},
    "calibrate": {0: "done", 2: "too few reviewed findings, or wrong arguments"},
    "regrade": {0: "done, also where nothing changes"},
    "demo": {0: "the report is written", 3: "failed: no engine looked at any of the pictures"},
    "check": {
        0: "a call would work; all URLs are photos",
        1: "with --photo-urls: some of them are",
        3: "a call would not work; no URL is a photo",
    },
    "screen": {
        0: "clear; with --eval: done",
        1: "not screened: the words cannot be read",
        3: "an emergency; or failed",
    },
    "models": {0: "done; with --check: nothing differs", 1: "with --check: something differs"},
    "validate": {0: "nothing is wrong", 2: "something is, or there is nothing to validate"},
    "webhooks": WEBHOOK_CODES,
}
_WEBHOOKS = """
Where the environment names a webhook (INSPECTION_WEBHOOK_URL, DIAGNOSIS_WEBHOOK_URL or
BACKEND_BASE_URL), the result is put into the outbox and delivered there. What is not taken
within ten seconds stays in the outbox for `inspectiq webhooks deliver`. --no-webhooks tells
nobody."""
_MANY = """
A line of CASES is a case: {"id": "c1", "photos": ["flat-1/"], "description": "..."}, and the other
fields of a case. Paths are relative to the folder of CASES. It tells no webhook."""
_UNTOLD = "\nIt tells no webhook, whatever the environment names."


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser, which sets `command` to the function to run."""
    whole = Parser(
        prog="inspectiq",
        description="Property photos in, findings that stand up in a dispute out.",
        epilog=explain_codes(
            {
                0: "complete, or done",
                1: "partial: some photos were not assessed, or only triaged",
                3: "failed",
            }
        )
        + "\nEach command has its own in its --help.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, help: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            epilog=explain_codes(_CODES.get(name, {})) + more,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    _add_inspect(add("inspect", "inspect photos and write a report", "\n" + _WEBHOOKS))
    _add_diagnose(add("diagnose", "find out what is wrong, from photos or words", "\n" + _WEBHOOKS))
    _add_many(add("many", "inspect or diagnose many cases, and go on after a stop", "\n" + _MANY))
    add_evaluation(
        add("evaluate", "compare stored results with what people saw", "\n" + EVALUATION_WORDS)
    )
    add_calibration(
        add("calibrate", "fit stated confidences to what people decided", "\n" + CALIBRATION_WORDS)
    )
    add_sweep(add("sweep", "run several configurations over the same cases, and compare them"))
    add_month(add("review-month", "tell what people made of a month's findings"))
    _add_regrade(add("regrade", "grade and price a stored result by other rules", "\n" + _UNTOLD))
    _add_report(add("report", "write the report of a stored result as HTML, PDF or CSV"))
    _add_demo(
        add(
            "demo",
            "write sample photos that our own code rendered, inspect them, show what comes",
            "\n" + _UNTOLD,
        )
    )
    _add_check(add("check", "ask whether a call would work now"))
    _add_screen(add("screen", "screen words for emergencies, offline"))
    _add_usage(add("usage", "sum up what --ledger wrote"))
    _add_taxonomy(add("taxonomy", "list the types of issue"))
    _add_costs(add("costs", "print what each type of issue usually costs"))
    _add_models(add("models", "list models with prices, dates and what a photo takes"))
    _add_validate(add("validate", "tell what is wrong with a configuration"))
    _add_schema(add("schema", "print the JSON Schema of a result or a webhook"))
    add_webhooks(add("webhooks", "deliver and look after webhooks"))
    add("version", "print the version").set_defaults(command=defer("showing", "print_version"))
    return whole


def _add_inspect(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="photos, folders or globs")
    _add_run(command)
    command.set_defaults(command=defer("running", "inspect"))


def _add_diagnose(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", metavar="PATH", help="photos, folders or globs")
    _add_run(command)
    command.set_defaults(command=defer("running", "diagnose"))


def _add_many(command: argparse.ArgumentParser) -> None:
    command.add_argument("cases", type=Path, metavar="CASES", help="a file of JSON lines")
    command.add_argument("--out", type=take_folder, metavar="DIR", required=True, help="write here")
    command.add_argument("--resume", action="store_true", help="go on with what DIR has")
    command.add_argument("--diagnose", action="store_true", help="diagnose; inspect if not given")
    command.add_argument("--ordered", action="store_true", help="end cases in their order")
    command.add_argument("--quiet", "-q", action="store_true", help="no progress, no summary")
    _add_asking(command)
    command.set_defaults(command=defer("many", "run_many"))


def _add_regrade(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "result", type=Path, metavar="RESULT", help="the inspection.json or diagnosis.json"
    )
    _add_severity(command)
    _add_cost_book(command)
    command.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help="a folder of configuration; its severity.toml and cost book count, where it has them",
    )
    command.add_argument("--as-of", metavar="DAY", help="refuse rules that do not apply on it")
    command.add_argument(
        "--photos", type=Path, metavar="DIR", help="where the photos are, for the pictures in --out"
    )
    _add_output(command)
    command.set_defaults(command=defer("regrading", "regrade"))


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--engine", default="offline", help="who looks at the photos")
    command.add_argument("--out", type=take_folder, default=Path("inspectiq-demo"), metavar="DIR")
    command.add_argument("--quiet", "-q", action="store_true", help="no progress")
    command.set_defaults(command=defer("running", "run_demo"))


def _add_check(command: argparse.ArgumentParser) -> None:
    _add_engine(command)
    command.add_argument("--json", action="store_true", help="print what was found as JSON")
    command.add_argument(
        "--photo-urls",
        type=Path,
        metavar="FILE",
        help="ask whether photos can be fetched by URL, one a line; - for standard input",
    )
    command.set_defaults(command=_run_check)


def _add_screen(command: argparse.ArgumentParser) -> None:
    words = command.add_mutually_exclusive_group(required=True)
    words.add_argument("text", nargs="?", help="the words; - reads them from standard input")
    words.add_argument(
        "--eval",
        type=Path,
        metavar="FILE",
        help="judge the screen by messages of your own, CSV with the columns kinds and text",
    )
    command.add_argument("--language", help="their language, such as es; recognised if not given")
    command.add_argument("--country", help="country, such as US, whose number is named")
    command.add_argument("--config", type=Path, metavar="DIR", help="a folder with a screen.toml")
    command.add_argument("--json", action="store_true", help="print what was found as JSON")
    command.set_defaults(command=defer("showing", "screen"))


def _add_usage(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="the file of a ledger")
    command.add_argument("--by", metavar="model|day|tag:NAME", help="a line for each; else one")
    command.add_argument("--json", action="store_true", help="print the lines as JSON")
    command.set_defaults(command=defer("showing", "sum_usage"))


def _add_taxonomy(command: argparse.ArgumentParser) -> None:
    command.add_argument("--group", metavar="GROUP", help="only those of this group")
    command.add_argument("--json", action="store_true", help="print all fields as JSON")
    command.set_defaults(command=defer("showing", "list_types"))


def _add_costs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--state", help="state or region, such as CA; national if not given")
    command.add_argument("--type", metavar="TYPE", help="take one apart, line by line")
    _add_cost_book(command)
    command.add_argument("--config", type=Path, metavar="DIR", help="a folder with a cost book")
    command.add_argument("--json", action="store_true", help="print the estimates as JSON")
    command.set_defaults(command=defer("showing", "print_costs"))


def _add_models(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", nargs="?", metavar="MODEL", help="only this one")
    command.add_argument(
        "--check", action="store_true", help="compare the table with the server's own list"
    )
    command.add_argument(
        "--models", type=Path, metavar="FILE", help="a table; INSPECTIQ_MODELS if not given"
    )
    command.add_argument("--json", action="store_true", help="print them as JSON")
    command.set_defaults(command=defer("models", "list_models"))


def _add_validate(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR", help="the folder of configuration")
    command.add_argument("--json", action="store_true", help="print the faults as JSON")
    command.set_defaults(command=defer("showing", "validate"))


def _add_schema(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "kind", nargs="?", choices=("inspection", "diagnosis", "webhook"), default="inspection"
    )
    command.set_defaults(command=defer("showing", "print_schema"))


def _run_check(arguments: argparse.Namespace) -> int:
    """Checks photo URLs where they are given, else makes a test call to the engine."""
    if arguments.photo_urls is not None:
        return defer("photo_urls", "check_urls")(arguments)
    return defer("running", "check")(arguments)


def _add_run(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of every command that runs an agent over one case."""
    command.add_argument("--preview", action="store_true", help="say what it would take; send none")
    _add_asking(command)
    _add_output(command)
    command.add_argument(
        "--no-webhooks",
        dest="webhooks",
        action="store_false",
        help="tell nobody, also where the environment names a webhook",
    )
    _add_case(command)


def _add_asking(command: argparse.ArgumentParser) -> None:
    """Adds the arguments that say who is asked, within which limits, by which rules."""
    _add_engine(command)
    command.add_argument(
        "--detail", metavar="LEVEL", help="how closely a model of OpenAI's looks: low or high"
    )
    command.add_argument("--usd", metavar="DOLLARS", help="spend no more than this")
    command.add_argument(
        "--deadline", metavar="SECONDS", help="end by then; what is not done is told as failed"
    )
    command.add_argument(
        "--cost-mode",
        choices=("book", "model"),
        default="book",
        help="prices of the cost book, or the engine's own guess, marked as that",
    )
    _add_severity(command)
    _add_cost_book(command)
    command.add_argument("--config", type=Path, metavar="DIR", help="a folder of configuration")
    command.add_argument("--cache", type=Path, metavar="FILE", help="pay for no answer twice")
    command.add_argument("--ledger", type=Path, metavar="FILE", help="write down what it costs")


def _add_case(command: argparse.ArgumentParser) -> None:
    case: dict[str, Any] = {
        "room": "the room, for all photos",
        "case-id": "your own id; the same one gives the same result id",
        "description": "words that came with the case; - reads them from standard input",
        "language": "language of the findings, such as es",
        "address": "address for the report; it is sent to nobody",
        "state": "state or region, such as CA",
        "country": "country, such as US",
    }
    for name, help in case.items():
        command.add_argument(f"--{name}", metavar="TEXT", help=help)
    for clock in ("reported-at", "inspected-at"):
        command.add_argument(
            f"--{clock}", metavar="TIME", help="such as 2026-03-02T10:00-06:00; starts deadlines"
        )


def _add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "result", type=Path, metavar="RESULT", help="the inspection.json or diagnosis.json"
    )
    command.add_argument(
        "--photos", type=Path, metavar="DIR", help="where the photos are, to show them"
    )
    _add_formats(command)
    command.add_argument(
        "--brief", action="store_true", help="two pages for who lives there, without costs"
    )
    command.add_argument("--language", metavar="TAG", help="of the report, such as es")
    command.add_argument(
        "--out", type=take_folder, metavar="DIR", help="write it here; beside RESULT if not given"
    )
    command.set_defaults(command=defer("reporting", "report"))


def _add_formats(command: argparse.ArgumentParser) -> None:
    """Adds the formats that are written if they are asked for."""
    for form, what in (
        ("html", "a report in one HTML file"),
        ("pdf", "a report as PDF; needs the extra 'pdf'"),
        ("csv", "tables of findings, photos and cost lines"),
    ):
        command.add_argument(
            f"--{form}",
            dest="formats",
            action="append_const",
            const=form,
            default=[],
            help=f"write {what}",
        )


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=take_folder, metavar="DIR", help="write the report here")
    _add_formats(command)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.add_argument("--quiet", "-q", action="store_true", help="no progress, no summary")


def _add_severity(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--severity",
        metavar="NAME|FILE",
        help="what grades findings: house, nspire, nspire_hcv, awaab, asap, or a TOML file",
    )


def _add_cost_book(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cost-book",
        metavar="NAME|FILE",
        help="what prices findings: us, or a .toml, .json, .csv or .xlsx file",
    )


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        metavar="NAME",
        help="who looks at it: openai:MODEL or offline; INSPECTIQ_ENGINE if not given",
    )
