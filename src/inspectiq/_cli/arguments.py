"""Builds the parser of the command line: its commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from inspectiq._cli.terminal import Parser

__all__ = ["build_parser"]

Command = Callable[[argparse.Namespace], int]


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser, which sets `command` to the function to run."""
    whole = Parser(
        prog="inspectiq",
        description="Property photos in, findings that stand up in a dispute out.",
        epilog="exit codes: 0 complete, 1 partial, 2 usage or configuration, 3 failed",
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_inspect(commands.add_parser("inspect", help="inspect photos and write a report"))
    _add_diagnose(
        commands.add_parser("diagnose", help="find out what is wrong, from photos or words")
    )
    _add_demo(
        commands.add_parser(
            "demo",
            help="write sample photos that our own code rendered, inspect them, show what comes",
        )
    )
    _add_check(commands.add_parser("check", help="ask whether a call would work now"))
    _add_screen(commands.add_parser("screen", help="screen words for emergencies, offline"))
    _add_usage(commands.add_parser("usage", help="sum up what --ledger wrote"))
    _add_taxonomy(commands.add_parser("taxonomy", help="list the types of issue"))
    _add_costs(commands.add_parser("costs", help="print what each type of issue usually costs"))
    _add_validate(commands.add_parser("validate", help="tell what is wrong with a configuration"))
    _add_schema(
        commands.add_parser("schema", help="print the JSON Schema of a result or a webhook")
    )
    _add_webhooks(commands.add_parser("webhooks", help="deliver and look after webhooks"))
    version = commands.add_parser("version", help="print the version")
    version.set_defaults(command=_defer("showing", "print_version"))
    return whole


def _add_inspect(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="photos, folders or globs")
    _add_run(command)
    command.set_defaults(command=_defer("running", "inspect"))


def _add_diagnose(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", metavar="PATH", help="photos, folders or globs")
    _add_run(command)
    command.set_defaults(command=_defer("running", "diagnose"))


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--engine", default="offline", help="who looks at the photos")
    command.add_argument("--out", type=Path, default=Path("inspectiq-demo"), metavar="DIR")
    command.add_argument("--quiet", "-q", action="store_true", help="no progress bar")
    command.set_defaults(command=_defer("running", "run_demo"))


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
    command.set_defaults(command=_defer("showing", "screen"))


def _add_usage(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="the file of a ledger")
    command.add_argument("--by", metavar="model|day|tag:NAME", help="a line for each; else one")
    command.add_argument("--json", action="store_true", help="print the lines as JSON")
    command.set_defaults(command=_defer("showing", "sum_usage"))


def _add_taxonomy(command: argparse.ArgumentParser) -> None:
    command.add_argument("--group", metavar="GROUP", help="only those of this group")
    command.add_argument("--json", action="store_true", help="print all fields as JSON")
    command.set_defaults(command=_defer("showing", "list_types"))


def _add_costs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--state", help="state or region, such as CA; national if not given")
    command.add_argument("--type", metavar="TYPE", help="take one apart, line by line")
    command.add_argument("--config", type=Path, metavar="DIR", help="a folder with a cost book")
    command.set_defaults(command=_defer("showing", "print_costs"))


def _add_validate(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR", help="the folder of configuration")
    command.set_defaults(command=_defer("showing", "validate"))


def _add_schema(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "kind", nargs="?", choices=("inspection", "diagnosis", "webhook"), default="inspection"
    )
    command.set_defaults(command=_defer("showing", "print_schema"))


def _add_webhooks(webhooks: argparse.ArgumentParser) -> None:
    """Adds the commands for webhooks. Endpoints and secrets come from the environment."""
    actions = webhooks.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, help: str, command: str = "") -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=help)
        action.add_argument(
            "--outbox", type=Path, metavar="FILE", help="INSPECTIQ_OUTBOX if not given"
        )
        action.set_defaults(command=_defer("webhooks", command or name))
        return action

    deliver = add("deliver", "deliver what is due, then end")
    deliver.add_argument("--forever", action="store_true", help="go on until it is interrupted")
    listing = add("list", "list what is in the outbox", "list_records")
    listing.add_argument("--state", choices=("pending", "delivered", "dead"), help="only these")
    for action in (listing, add("dead", "list the dead letters", "list_dead")):
        action.add_argument("--endpoint", metavar="NAME", help="only of this endpoint")
        action.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many")
        action.add_argument("--json", action="store_true", help="print them as JSON")
    listing.add_argument("--body", metavar="ID", help="print the body of one instead")
    replay = add("replay", "send dead letters again, with the same ids")
    replay.add_argument("ids", nargs="*", metavar="ID", help="which; also delivered ones")
    replay.add_argument("--endpoint", metavar="NAME", help="only of this endpoint")
    replay.add_argument("--all", action="store_true", help="all dead letters")
    disable = add("disable", "park what is for an endpoint")
    disable.add_argument("--reason", default="by hand", help="why, for whoever looks at it")
    for action in (disable, add("enable", "take an endpoint up again")):
        action.add_argument("endpoint", metavar="NAME", help="the endpoint")
    test = actions.add_parser("test", help="send a test to one endpoint or to all")
    test.set_defaults(command=_defer("webhooks", "test"))
    test.add_argument("endpoint", nargs="?", metavar="NAME", help="the endpoint")
    stats = add("stats", "count what is in the outbox", "count")
    stats.add_argument("--json", action="store_true", help="print the counts as JSON")
    backup = add("backup", "copy the outbox while others work with it")
    backup.add_argument("to", type=Path, metavar="NEW_FILE", help="the copy")
    purge = add("purge", "forget old ones that were delivered, or given up")
    purge.add_argument("state", choices=("delivered", "dead"), help="which")
    purge.add_argument("--days", type=float, default=30.0, help="older than this; 30 if not given")


def _run_check(arguments: argparse.Namespace) -> int:
    """Checks photo URLs where they are given, else makes a test call to the engine."""
    if arguments.photo_urls is not None:
        return _defer("photo_urls", "check_urls")(arguments)
    return _defer("running", "check")(arguments)


def _defer(room: str, name: str) -> Command:
    """Makes a command that is imported only when it runs: some need slow libraries."""

    def run(arguments: argparse.Namespace) -> int:
        command: Command = getattr(import_module(f"inspectiq._cli.{room}"), name)
        return command(arguments)

    return run


def _add_run(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of every command that runs an agent."""
    _add_engine(command)
    command.add_argument("--preview", action="store_true", help="say what it would take; send none")
    command.add_argument("--usd", metavar="DOLLARS", help="spend no more than this")
    command.add_argument(
        "--cost-mode",
        choices=("book", "model"),
        default="book",
        help="prices of the cost book, or the engine's own guess, marked as that",
    )
    command.add_argument("--config", type=Path, metavar="DIR", help="a folder of configuration")
    command.add_argument("--cache", type=Path, metavar="FILE", help="pay for no answer twice")
    command.add_argument("--ledger", type=Path, metavar="FILE", help="write down what it costs")
    command.add_argument("--out", type=Path, metavar="DIR", help="write the report here")
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.add_argument("--quiet", "-q", action="store_true", help="no progress bar, no summary")
    command.add_argument("--room", help="the room, for all photos")
    command.add_argument("--case-id", help="your own id; the same one gives the same result id")
    command.add_argument("--description", help="words that came with the case")
    command.add_argument("--language", help="language of the findings, such as es")
    command.add_argument("--address", help="address for the report; it is sent to nobody")
    command.add_argument("--state", help="state or region, such as CA")
    command.add_argument("--country", help="country, such as US")
    for clock in ("reported-at", "inspected-at"):
        command.add_argument(
            f"--{clock}", metavar="TIME", help="such as 2026-03-02T10:00-06:00; starts deadlines"
        )


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        metavar="NAME",
        help="who looks at it: openai:MODEL or offline; INSPECTIQ_ENGINE if not given",
    )
