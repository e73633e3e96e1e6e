"""The command line: `python -m inspectiq inspect PATH... --engine offline --out DIR`."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspectiq._log import redact
from inspectiq.errors import ConfigError, InspectIQError

if TYPE_CHECKING:
    from inspectiq.agents import InspectionAgent
    from inspectiq.domain.results import Inspection
    from inspectiq.events import Observer

__all__ = ["main"]

EXIT_CODES = {"complete": 0, "partial": 1, "failed": 3}
USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells expect


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 complete, 1 partial, 2 usage or configuration, 3 failed.
    """
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an old terminal costs no result
    level = (os.environ.get("LOG_LEVEL") or "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        print(f"inspectiq: LOG_LEVEL={level} is no level; use DEBUG, INFO, …", file=sys.stderr)
        return USAGE
    logging.basicConfig(level=level)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        print(f"inspectiq: {error}", file=sys.stderr)
        return USAGE
    except InspectIQError as error:
        print(f"inspectiq: {type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        print("inspectiq: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe left; keep the interpreter from complaining as it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CODES["complete"]
    except Exception as error:
        # Any other way out would end with 1, which means partial.
        logging.getLogger("inspectiq").debug("the command failed", exc_info=error)
        said = redact(f"{type(error).__name__}: {error}")
        print(f"inspectiq: {said} (LOG_LEVEL=DEBUG shows where)", file=sys.stderr)
        return EXIT_CODES["failed"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="inspectiq",
        description="Property photos in, findings that stand up in a dispute out.",
        epilog="exit codes: 0 complete, 1 partial, 2 usage or configuration, 3 failed",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    inspect = commands.add_parser("inspect", help="inspect photos and write a report")
    inspect.add_argument("paths", nargs="+", metavar="PATH", help="photos, folders or globs")
    _add_engine(inspect)
    inspect.add_argument("--preview", action="store_true", help="say what it would take; send none")
    inspect.add_argument("--usd", metavar="DOLLARS", help="spend no more than this")
    inspect.add_argument(
        "--cost-mode",
        choices=("book", "model"),
        default="book",
        help="prices of the cost book, or the engine's own guess, marked as that",
    )
    inspect.add_argument("--config", type=Path, metavar="DIR", help="a folder of configuration")
    inspect.add_argument("--cache", type=Path, metavar="FILE", help="pay for no answer twice")
    inspect.add_argument("--ledger", type=Path, metavar="FILE", help="write down what it costs")
    inspect.add_argument("--out", type=Path, metavar="DIR", help="write the report here")
    inspect.add_argument("--json", action="store_true", help="print the result as JSON")
    inspect.add_argument("--quiet", "-q", action="store_true", help="no progress bar, no summary")
    inspect.add_argument("--room", help="the room, for all photos")
    inspect.add_argument("--case-id", help="your own id; the same one gives the same result id")
    inspect.add_argument("--description", help="words that came with the case")
    inspect.add_argument("--language", help="language of the findings, such as es")
    inspect.add_argument("--address", help="address for the report; it is sent to nobody")
    inspect.add_argument("--state", help="state or region, such as CA")
    inspect.add_argument("--country", help="country, such as US")
    inspect.set_defaults(command=_inspect)

    demo = commands.add_parser("demo", help="render sample photos, inspect them, show what comes")
    demo.add_argument("--engine", default="offline", help="who looks at the photos")
    demo.add_argument("--out", type=Path, default=Path("inspectiq-demo"), metavar="DIR")
    demo.add_argument("--quiet", "-q", action="store_true", help="no progress bar")
    demo.set_defaults(command=_demo)

    check = commands.add_parser("check", help="ask whether a call would work now")
    _add_engine(check)
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    check.set_defaults(command=_check)

    usage = commands.add_parser("usage", help="sum up what --ledger wrote")
    usage.add_argument("file", type=Path, metavar="FILE", help="the file of a ledger")
    usage.add_argument("--by", metavar="model|day|tag:NAME", help="a line for each; else one")
    usage.add_argument("--json", action="store_true", help="print the lines as JSON")
    usage.set_defaults(command=_usage)

    taxonomy = commands.add_parser("taxonomy", help="list the types of issue")
    taxonomy.add_argument("--group", metavar="GROUP", help="only those of this group")
    taxonomy.add_argument("--json", action="store_true", help="print all fields as JSON")
    taxonomy.set_defaults(command=_taxonomy)

    costs = commands.add_parser("costs", help="print what each type of issue usually costs")
    costs.add_argument("--state", help="state or region, such as CA; national if not given")
    costs.add_argument("--type", metavar="TYPE", help="take one apart, line by line")
    costs.add_argument("--config", type=Path, metavar="DIR", help="a folder with a cost book")
    costs.set_defaults(command=_costs)

    validate = commands.add_parser("validate", help="tell what is wrong with a configuration")
    validate.add_argument("folder", type=Path, metavar="DIR", help="the folder of configuration")
    validate.set_defaults(command=_validate)

    schema = commands.add_parser("schema", help="print the JSON Schema of an inspection")
    schema.set_defaults(command=_schema)

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(command=_version)
    return parser


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        metavar="NAME",
        help="who looks at the photos: openai:MODEL or offline; INSPECTIQ_ENGINE if not given",
    )


def _inspect(arguments: argparse.Namespace) -> int:
    place = {name: getattr(arguments, name) for name in ("address", "state", "country")}
    fields: dict[str, Any] = {
        "id": arguments.case_id,
        "room": arguments.room,
        "description": arguments.description,
        "language": arguments.language,
        "property": {name: value for name, value in place.items() if value} or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if arguments.preview:
        with _agent(arguments) as agent:
            print(agent.preview(arguments.paths, **given))
        return EXIT_CODES["complete"]
    if arguments.out:
        _try_folder(arguments.out)
    inspection = _run(arguments, arguments.paths, given)
    written = _write(inspection, arguments.out) if arguments.out else ()
    if arguments.json:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as JSON is defined
        print(inspection.to_json(), end="", flush=True)
    elif not arguments.out:
        print(inspection.to_markdown(), end="")
    elif not arguments.quiet:
        _say(inspection, written)
    return EXIT_CODES[inspection.status]


def _demo(arguments: argparse.Namespace) -> int:
    from inspectiq.samples import write_samples

    _try_folder(arguments.out)
    samples = write_samples(arguments.out / "photos")
    print("Rendered samples, not photographs:")
    for path, sample in samples:
        print(f"  {path}: {sample.shows}")
    inspection = _run(arguments, arguments.out / "photos", {"id": "demo"})
    _say(inspection, _write(inspection, arguments.out))
    shown = {item.photo_id for issue in inspection.issues for item in issue.evidence}
    found = {outcome.photo.name for outcome in inspection.photos if outcome.photo.id in shown}
    missed = [sample.name for _, sample in samples if sample.defects and sample.name not in found]
    if missed:
        print(
            f"\nWith a defect drawn, and nothing found: {', '.join(missed)}.\n"
            "So is a triage: the offline engine looks for cracks only, and misses some."
        )
    # A demonstration did its job once it has shown what comes out, also where that is a triage.
    return EXIT_CODES["failed"] if inspection.status == "failed" else EXIT_CODES["complete"]


def _check(arguments: argparse.Namespace) -> int:
    with _agent(arguments) as agent:
        found = agent.check()
    if arguments.json:
        print(found.model_dump_json(indent=2))
    elif found.ok:
        print(f"{found.provider}:{found.model} answered in {found.seconds:.1f} s")
    else:
        print(f"{found.provider}:{found.model}: {found.error}: {found.message}", file=sys.stderr)
    return EXIT_CODES["complete" if found.ok else "failed"]


def _usage(arguments: argparse.Namespace) -> int:
    from inspectiq.limits.ledger import Ledger

    ledger = Ledger.read(arguments.file)
    lines = ledger.summary(arguments.by)
    if arguments.json:
        print(json.dumps([line.model_dump(mode="json") for line in lines], indent=2))
    else:
        print(ledger.to_text(lines))
    if ledger.skipped:
        print(f"inspectiq: {ledger.skipped} lines could not be read", file=sys.stderr)
    return EXIT_CODES["complete"]


def _taxonomy(arguments: argparse.Namespace) -> int:
    from inspectiq.domain.taxonomy import Taxonomy

    taxonomy, only = Taxonomy.default(), arguments.group
    if only and only not in taxonomy.groups:
        choices = ", ".join(taxonomy.groups)
        raise ConfigError(f"there is no group {only!r}; use one of {choices}")
    groups = [(group, kinds) for group, kinds in taxonomy.by_group() if only in (None, group)]
    if arguments.json:
        listed = [kind.model_dump(mode="json") for _, kinds in groups for kind in kinds]
        print(json.dumps(listed, indent=2))
        return EXIT_CODES["complete"]
    for group, kinds in groups:
        print(f"{group}: {taxonomy.groups[group]}")
        for kind in kinds:
            veto = ""
            if kind.diy() is False:
                over = "" if kind.diy_veto else f" over {kind.diy_veto_over:g} {kind.unit}"
                veto = f"; no do-it-yourself repair{over}"
            print(f"  {kind.key:<25} {kind.label}: {kind.trade}, {kind.unit}{veto}")
    return EXIT_CODES["complete"]


def _costs(arguments: argparse.Namespace) -> int:
    from inspectiq.config import load_config
    from inspectiq.costs import CostBook
    from inspectiq.domain.findings import Finding, Scope
    from inspectiq.domain.observed import Observed
    from inspectiq.domain.property import CaseFacts, Property
    from inspectiq.domain.taxonomy import Taxonomy

    taxonomy, book = Taxonomy.default(), CostBook.default()
    if arguments.config:
        config = load_config(arguments.config)
        taxonomy, book = config.taxonomy, config.cost_book
    case = CaseFacts(property=Property(state=arguments.state))
    if arguments.state and book.region(arguments.state) is None:
        raise ConfigError(f"the book {book.label} has no state {arguments.state!r}")
    if arguments.type and arguments.type not in taxonomy:
        raise ConfigError(f"there is no type {arguments.type!r}; `inspectiq taxonomy` lists them")
    print(f"{book.label}, {arguments.state or 'national figures'}; no quote, class 5\n")
    for kind in taxonomy.types:
        if arguments.type and taxonomy[arguments.type].key != kind.key:
            continue
        observed = Observed(description="")
        finding = Finding(
            type=kind.key,
            group=kind.group,
            label=kind.label,
            observed=observed,
            scope=Scope(trade=kind.trade),
        )
        (priced,) = book.settle([finding], case).findings
        if priced.cost is None:
            print(f"{kind.key:<28} no price in the book")
        elif arguments.type:
            print(priced.cost.explain())
        else:
            cost = priced.cost
            print(f"{kind.key:<28} {cost.low:>9,.0f} to {cost.high:>9,.0f} {cost.currency}")
    return EXIT_CODES["complete"]


def _validate(arguments: argparse.Namespace) -> int:
    from inspectiq.config import validate_config

    faults = validate_config(arguments.folder)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{arguments.folder}: nothing is wrong")
    return USAGE if faults else EXIT_CODES["complete"]


def _schema(_: argparse.Namespace) -> int:
    from inspectiq.domain.results import Inspection

    print(json.dumps(Inspection.published_schema(), indent=2))
    return EXIT_CODES["complete"]


def _version(_: argparse.Namespace) -> int:
    from inspectiq import __version__

    print(__version__)
    return EXIT_CODES["complete"]


def _run(arguments: argparse.Namespace, photos: Any, fields: dict[str, Any]) -> Inspection:
    from inspectiq.progress import ProgressBar

    with (
        ProgressBar(disable=arguments.quiet or None) as bar,
        _agent(arguments, observers=[bar]) as agent,
    ):
        return agent.inspect(photos, **fields)


def _agent(arguments: argparse.Namespace, observers: Iterable[Observer] = ()) -> InspectionAgent:
    from inspectiq.agents import InspectionAgent
    from inspectiq.config import load_config
    from inspectiq.limits.limits import Limits

    limits = None
    if usd := getattr(arguments, "usd", None):
        try:
            limits = Limits(usd=usd)
        except ValueError:
            raise ConfigError(f"--usd {usd} is no amount of dollars") from None
    if file := getattr(arguments, "ledger", None):
        from inspectiq.limits.ledger import Ledger

        observers = [*observers, Ledger(file)]
    folder = getattr(arguments, "config", None)
    return InspectionAgent(
        arguments.engine,
        limits=limits,
        cost_mode=getattr(arguments, "cost_mode", "book"),
        cache=getattr(arguments, "cache", None),
        observers=observers,
        **(load_config(folder).agent_options() if folder else {}),
    )


def _try_folder(folder: Path) -> None:
    """Finds out that a folder cannot be written to before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} ({type(error).__name__}); give another --out"
        ) from error


def _write(inspection: Inspection, folder: Path) -> tuple[Path, ...]:
    from inspectiq.reports.folder import write_report

    return write_report(inspection, folder)


def _say(inspection: Inspection, written: Sequence[Path]) -> None:
    print(f"\n{inspection.summary.headline} The result is {inspection.status}.")
    for outcome in inspection.photos:
        note = outcome.fault.message if outcome.fault else ", ".join(outcome.warnings)
        if outcome.duplicate_of:
            note = f"same as {outcome.duplicate_of}"
        print(f"  {outcome.photo.id} {outcome.photo.name}: {outcome.status} {note}".rstrip())
    for number, issue in enumerate(inspection.issues, start=1):
        room = f" in {issue.location.room}" if issue.location.room else ""
        print(f"  finding {number}: {issue.label}{room}, {issue.severity.label}")
    spent = inspection.usage
    if spent.usd is None or spent.usd:
        dollars = "an unknown amount" if spent.usd is None else f"${spent.usd:.4f}"
        print(f"\nThe engine was paid {dollars} for {spent.requests} requests.")
    print("\nWritten:")
    for path in written:
        print(f"  {path}")
