"""The commands that print tables, schemas and checks, without running an agent."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from inspectiq._cli.codes import EXIT_CODES, USAGE
from inspectiq._cli.terminal import say, say_json
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.domain._emergencies import Screening
    from inspectiq.domain._findings import Finding
    from inspectiq.domain._taxonomy import IssueType

__all__ = [
    "list_types",
    "print_costs",
    "print_schema",
    "print_version",
    "screen",
    "sum_usage",
    "validate",
]


def sum_usage(arguments: argparse.Namespace) -> int:
    """Prints the sums of a ledger."""
    from inspectiq.limits._ledger import Ledger

    ledger = Ledger.read(arguments.file)
    lines = ledger.summarise(arguments.by)
    if arguments.json:
        say_json(json.dumps([line.model_dump(mode="json") for line in lines], indent=2))
    else:
        say(*ledger.to_text(lines).split("\n"))
    if ledger.skipped:
        say(f"inspectiq: {ledger.skipped} lines could not be read", file=sys.stderr)
    return EXIT_CODES["complete"]


def list_types(arguments: argparse.Namespace) -> int:
    """Lists the types of issue."""
    from inspectiq.domain._taxonomy import Taxonomy

    known, only = Taxonomy.default(), arguments.group
    if only and only not in known.groups:
        choices = ", ".join(known.groups)
        raise ConfigError(f"there is no group {only!r}; use one of {choices}")
    groups = [(group, kinds) for group, kinds in known.list_groups() if only in (None, group)]
    if arguments.json:
        listed = [kind.model_dump(mode="json") for _, kinds in groups for kind in kinds]
        say_json(json.dumps(listed, indent=2))
        return EXIT_CODES["complete"]
    for group, kinds in groups:
        say(f"{group}: {known.groups[group]}")
        for kind in kinds:
            veto = _describe_diy_veto(kind)
            say(f"  {kind.key:<25} {kind.label}: {kind.trade}, {kind.unit}{veto}")
    return EXIT_CODES["complete"]


def _describe_diy_veto(kind: IssueType) -> str:
    if kind.decide_diy() is not False:
        return ""
    over = "" if kind.diy_veto else f" over {kind.diy_veto_over:g} {kind.unit}"
    return f"; no do-it-yourself repair{over}"


def print_costs(arguments: argparse.Namespace) -> int:
    """Prints what each type of issue usually costs."""
    from inspectiq.config import load_config
    from inspectiq.costs._book import CostBook
    from inspectiq.domain._property import CaseFacts, Property
    from inspectiq.domain._taxonomy import Taxonomy

    types, book = Taxonomy.default(), CostBook.default()
    if arguments.config:
        config = load_config(arguments.config)
        types, book = config.taxonomy, config.cost_book
    case = CaseFacts(property=Property(state=arguments.state))
    if arguments.state and book.find_region(arguments.state) is None:
        raise ConfigError(f"the book {book.label} has no state {arguments.state!r}")
    if arguments.type and arguments.type not in types:
        raise ConfigError(f"there is no type {arguments.type!r}; `inspectiq taxonomy` lists them")
    say(f"{book.label}, {arguments.state or 'national figures'}; no quote, class 5", "")
    for kind in [types[arguments.type]] if arguments.type else types.types:
        (priced,) = book.estimate_together([_make_finding(kind)], case).findings
        cost = priced.cost
        if cost is None:
            say(f"{kind.key:<28} no price in the book")
        elif arguments.type:
            say(*cost.explain().split("\n"))
        else:
            say(f"{kind.key:<28} {cost.low:>9,.0f} to {cost.high:>9,.0f} {cost.currency}")
    return EXIT_CODES["complete"]


def _make_finding(kind: IssueType) -> Finding:
    from inspectiq.domain._findings import Finding, Scope
    from inspectiq.domain._observed import Observed

    return Finding(
        type=kind.key,
        group=kind.group,
        label=kind.label,
        observed=Observed(description=""),
        scope=Scope(trade=kind.trade),
    )


def validate(arguments: argparse.Namespace) -> int:
    """Lists the faults of a folder of configuration."""
    from inspectiq.config import validate_config

    faults = validate_config(arguments.folder)
    for fault in faults:
        say(fault)
    if not faults:
        say(f"{arguments.folder}: nothing is wrong")
    return USAGE if faults else EXIT_CODES["complete"]


def screen(arguments: argparse.Namespace) -> int:
    """Screens words for emergencies: 0 none, 1 not screened, 3 an emergency."""
    from inspectiq.config import load_config
    from inspectiq.screening._emergencies import EmergencyScreen

    used = EmergencyScreen.default()
    if arguments.config:
        used = load_config(arguments.config).emergency_screen
    if arguments.eval:
        from inspectiq.screening._judging import judge_messages, read_messages, render_figures

        say(*render_figures(judge_messages(used, read_messages(arguments.eval, used)), used))
        return EXIT_CODES["complete"]
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    found = used.screen(text, language=arguments.language, country=arguments.country)
    if arguments.json:
        say_json(found.model_dump_json(indent=2))
    else:
        _print_screening(found)
    return {"clear": 0, "not_screened": 1, "emergency": 3}[found.status]


def _print_screening(found: Screening) -> None:
    say(found.status + (f": {found.reason}" if found.reason else ""))
    for urgent in found.emergencies:
        say(f"{urgent.label} ({urgent.words!r})")
        if urgent.because:
            say(f"  because of: {', '.join(map(repr, urgent.because))}")
        for number, step in enumerate(urgent.instructions, start=1):
            say(f"  {number}. {step}")


def print_schema(arguments: argparse.Namespace) -> int:
    """Prints the JSON Schema of a result, or of a webhook's body."""
    from inspectiq.domain._diagnoses import Diagnosis
    from inspectiq.domain._results import Inspection
    from inspectiq.webhooks._payload_forms import WebhookPayload

    kinds: dict[str, type[Inspection | Diagnosis | WebhookPayload]] = {
        "inspection": Inspection,
        "diagnosis": Diagnosis,
        "webhook": WebhookPayload,
    }
    say_json(json.dumps(kinds[arguments.kind].build_schema(), indent=2))
    return EXIT_CODES["complete"]


def print_version(_: argparse.Namespace) -> int:
    """Prints the version."""
    from inspectiq._version import __version__

    say(__version__)
    return EXIT_CODES["complete"]
