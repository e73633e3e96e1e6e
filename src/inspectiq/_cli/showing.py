"""The commands that print tables, schemas and checks, without running an agent."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from inspectiq._cli.case_fields import check_country, check_language, check_state
from inspectiq._cli.codes import EXIT_CODES, USAGE
from inspectiq._cli.paths import check_folder, check_holds_config, read_stdin, refuse_file_as_words
from inspectiq._cli.terminal import say, say_json
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.domain._emergencies import Screening
    from inspectiq.domain._findings import Finding
    from inspectiq.domain._money import CostEstimate
    from inspectiq.domain._taxonomy import IssueType
    from inspectiq.screening._emergencies import EmergencyScreen

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
    if (arguments.by or "").startswith("tag:") and not any(line.key for line in lines):
        tag = arguments.by.removeprefix("tag:")
        say(f"inspectiq: no entry of the ledger has a tag {tag!r}", file=sys.stderr)
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
    from inspectiq._cli.rules import read_config, read_cost_book
    from inspectiq.costs._book import CostBook
    from inspectiq.costs._unknown_types import check_types
    from inspectiq.domain._property import CaseFacts, Property
    from inspectiq.domain._taxonomy import OPEN_TRADE, Taxonomy

    types, book = Taxonomy.default(), CostBook.default()
    if arguments.config:
        config = read_config(arguments.config)
        types, book = config.taxonomy, config.cost_book
    if arguments.cost_book:
        book = read_cost_book(arguments.cost_book)
        check_types(book, types)
    case = CaseFacts(property=Property(state=arguments.state))
    if arguments.state and not book.regional:
        raise ConfigError(f"--state {arguments.state}: the cost book {book.label} has no states")
    check_state(arguments.state, book.country, book)
    if arguments.type and arguments.type not in types:
        near = get_close_matches(arguments.type, [kind.key for kind in types.types], n=1)
        hint = f"did you mean {near[0]}?" if near else "`inspectiq taxonomy` lists them"
        raise ConfigError(f"--type {arguments.type}: there is no such type; {hint}")
    kinds = [types[arguments.type]] if arguments.type else types.types
    costs = {
        kind.key: book.estimate_together([_make_finding(kind)], case).findings[0].cost
        for kind in kinds
    }
    if arguments.json:
        say_json(json.dumps([_list_cost(key, cost) for key, cost in costs.items()], indent=2))
        return EXIT_CODES["complete"]
    say(f"{book.label}, {arguments.state or 'national figures'}; no quote, class 5", "")
    for key, cost in costs.items():
        if cost is None:
            why = " before somebody knows its kind" if types[key].trade == OPEN_TRADE else ""
            say(f"{key:<28} no price in the book{why}")
        elif arguments.type:
            say(*cost.explain().split("\n"))
        else:
            say(f"{key:<28} {cost.low:>9,.0f} to {cost.high:>9,.0f} {cost.currency}")
    return EXIT_CODES["complete"]


def _list_cost(key: str, cost: CostEstimate | None) -> dict[str, Any]:
    return {"type": key, "cost": None if cost is None else cost.model_dump(mode="json")}


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

    check_folder(arguments.folder)
    faults = validate_config(arguments.folder)
    if not faults:
        check_holds_config(arguments.folder)
    if arguments.json:
        say_json(json.dumps([asdict(fault) for fault in faults], indent=2))
    else:
        say(*(faults or [f"{arguments.folder}: nothing is wrong"]))
    return USAGE if faults else EXIT_CODES["complete"]


def screen(arguments: argparse.Namespace) -> int:
    """Screens words for emergencies: 0 none, 1 not screened, 3 an emergency."""
    from inspectiq._cli.rules import read_config
    from inspectiq.screening._emergencies import EmergencyScreen

    used = EmergencyScreen.default()
    if arguments.config:
        used = read_config(arguments.config).emergency_screen
    language, country = check_language(arguments.language), check_country(arguments.country)
    if arguments.eval:
        return _judge_screen(used, arguments)
    refuse_file_as_words(arguments.text)
    text = read_stdin() if arguments.text == "-" else arguments.text
    found = used.screen(text, language=language, country=country)
    if arguments.json:
        say_json(found.model_dump_json(indent=2))
    else:
        _print_screening(found)
    return {"clear": 0, "not_screened": 1, "emergency": 3}[found.status]


def _judge_screen(used: EmergencyScreen, arguments: argparse.Namespace) -> int:
    """Prints how well the screen does on messages whose emergencies a person has named."""
    from inspectiq.screening._judging import judge_messages, read_messages, render_figures

    judged = judge_messages(used, read_messages(arguments.eval, used))
    if arguments.json:
        listed = [
            {
                "line": one.message.line,
                "kinds": one.message.kinds,
                "raised": one.raised,
                "screened": one.screened,
            }
            for one in judged
        ]
        say_json(json.dumps(listed, indent=2))
    else:
        say(*render_figures(judged, used))
    return EXIT_CODES["complete"]


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
