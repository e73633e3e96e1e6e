"""What the commands take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

__all__ = ["parser"]

Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The parser; `command` of what it parses is what to run."""
    whole = argparse.ArgumentParser(
        prog="inspectiq",
        description="Property photos in, findings that stand up in a dispute out.",
        epilog="exit codes: 0 complete, 1 partial, 2 usage or configuration, 3 failed",
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    inspect = commands.add_parser("inspect", help="inspect photos and write a report")
    inspect.add_argument("paths", nargs="+", metavar="PATH", help="photos, folders or globs")
    _add_run(inspect)
    inspect.set_defaults(command=_of("running", "inspect"))

    diagnose = commands.add_parser("diagnose", help="find out what is wrong, from photos or words")
    diagnose.add_argument("paths", nargs="*", metavar="PATH", help="photos, folders or globs")
    _add_run(diagnose)
    diagnose.set_defaults(command=_of("running", "diagnose"))

    demo = commands.add_parser(
        "demo",
        help="write sample photos that our own code rendered, inspect them, show what comes",
    )
    demo.add_argument("--engine", default="offline", help="who looks at the photos")
    demo.add_argument("--out", type=Path, default=Path("inspectiq-demo"), metavar="DIR")
    demo.add_argument("--quiet", "-q", action="store_true", help="no progress bar")
    demo.set_defaults(command=_of("running", "demo"))

    check = commands.add_parser("check", help="ask whether a call would work now")
    _add_engine(check)
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    check.add_argument(
        "--photo-urls",
        type=Path,
        metavar="FILE",
        help="ask whether photos can be fetched by URL, one a line; - for standard input",
    )
    check.set_defaults(command=_check)

    screen = commands.add_parser("screen", help="screen words for emergencies, offline")
    words = screen.add_mutually_exclusive_group(required=True)
    words.add_argument("text", nargs="?", help="the words; - reads them from standard input")
    words.add_argument(
        "--eval",
        type=Path,
        metavar="FILE",
        help="judge the screen by messages of your own, CSV with the columns kinds and text",
    )
    screen.add_argument("--language", help="their language, such as es; recognised if not given")
    screen.add_argument("--country", help="country, such as US, whose number is named")
    screen.add_argument("--config", type=Path, metavar="DIR", help="a folder with a screen.toml")
    screen.add_argument("--json", action="store_true", help="print what was found as JSON")
    screen.set_defaults(command=_of("showing", "screen"))

    usage = commands.add_parser("usage", help="sum up what --ledger wrote")
    usage.add_argument("file", type=Path, metavar="FILE", help="the file of a ledger")
    usage.add_argument("--by", metavar="model|day|tag:NAME", help="a line for each; else one")
    usage.add_argument("--json", action="store_true", help="print the lines as JSON")
    usage.set_defaults(command=_of("showing", "usage"))

    taxonomy = commands.add_parser("taxonomy", help="list the types of issue")
    taxonomy.add_argument("--group", metavar="GROUP", help="only those of this group")
    taxonomy.add_argument("--json", action="store_true", help="print all fields as JSON")
    taxonomy.set_defaults(command=_of("showing", "taxonomy"))

    costs = commands.add_parser("costs", help="print what each type of issue usually costs")
    costs.add_argument("--state", help="state or region, such as CA; national if not given")
    costs.add_argument("--type", metavar="TYPE", help="take one apart, line by line")
    costs.add_argument("--config", type=Path, metavar="DIR", help="a folder with a cost book")
    costs.set_defaults(command=_of("showing", "costs"))

    validate = commands.add_parser("validate", help="tell what is wrong with a configuration")
    validate.add_argument("folder", type=Path, metavar="DIR", help="the folder of configuration")
    validate.set_defaults(command=_of("showing", "validate"))

    schema = commands.add_parser("schema", help="print the JSON Schema of a result or a webhook")
    schema.add_argument(
        "kind", nargs="?", choices=("inspection", "diagnosis", "webhook"), default="inspection"
    )
    schema.set_defaults(command=_of("showing", "schema"))

    _add_webhooks(commands.add_parser("webhooks", help="deliver and look after webhooks"))

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(command=_of("showing", "version"))
    return whole


def _add_webhooks(webhooks: argparse.ArgumentParser) -> None:
    """What is done with webhooks. Endpoints and secrets come from the environment."""
    actions = webhooks.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, help: str, command: str = "") -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=help)
        action.add_argument(
            "--outbox", type=Path, metavar="FILE", help="INSPECTIQ_OUTBOX if not given"
        )
        action.set_defaults(command=_of("webhooks", command or name))
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
    test.set_defaults(command=_of("webhooks", "test"))
    test.add_argument("endpoint", nargs="?", metavar="NAME", help="the endpoint")
    stats = add("stats", "count what is in the outbox", "count")
    stats.add_argument("--json", action="store_true", help="print the counts as JSON")
    backup = add("backup", "copy the outbox while others work with it")
    backup.add_argument("to", type=Path, metavar="NEW_FILE", help="the copy")
    purge = add("purge", "forget old ones that were delivered, or given up")
    purge.add_argument("state", choices=("delivered", "dead"), help="which")
    purge.add_argument("--days", type=float, default=30.0, help="older than this; 30 if not given")


def _check(arguments: argparse.Namespace) -> int:
    """Asks an engine, or for photos by URL, which take none."""
    if arguments.photo_urls is not None:
        return _of("photo_urls", "check_urls")(arguments)
    return _of("running", "check")(arguments)


def _of(room: str, name: str) -> Command:
    """A command that is imported when it is run: some need libraries that take their time."""

    def run(arguments: argparse.Namespace) -> int:
        command: Command = getattr(import_module(f"inspectiq._cli.{room}"), name)
        return command(arguments)

    return run


def _add_run(command: argparse.ArgumentParser) -> None:
    """What every run of an agent takes."""
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
