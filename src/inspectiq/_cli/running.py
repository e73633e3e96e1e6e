"""The commands that run an agent."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq import _sync
from inspectiq._cli.case_fields import check_state, collect_fields
from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.paths import check_photo_paths
from inspectiq._cli.results import print_json, print_summary, put_out, require_out, try_folder
from inspectiq._cli.rules import read_config, read_cost_book, read_severity
from inspectiq._cli.telling import open_teller, say_untold
from inspectiq._cli.terminal import say, say_json
from inspectiq._cli.wording import to_command_words
from inspectiq._progress import ProgressBar
from inspectiq._settings import Settings
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import make_case
from inspectiq.agents._diagnosis import DiagnosisAgent
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.limits._ledger import Ledger
from inspectiq.limits._limits import Limits
from inspectiq.limits._models import ModelTable
from inspectiq.reports._report_folder import write_report
from inspectiq.transports._base import aclose

if TYPE_CHECKING:
    from inspectiq.agents._preview import Preview
    from inspectiq.events import Observer
    from inspectiq.transports._engines import Engine
    from inspectiq.transports._health import EngineHealth

__all__ = ["check", "diagnose", "inspect", "make_limits", "open_agent", "run_demo"]

AgentT = TypeVar("AgentT", bound=Agent[Any, Any, Any])


def inspect(arguments: argparse.Namespace) -> int:
    """Inspects photos and writes a report."""
    return _run(InspectionAgent, "inspection", arguments)


def diagnose(arguments: argparse.Namespace) -> int:
    """Diagnoses photos, words, or both, and writes a report."""
    return _run(DiagnosisAgent, "diagnosis", arguments)


def run_demo(arguments: argparse.Namespace) -> int:
    """Writes the sample photos, inspects them, and prints the result."""
    from inspectiq._samples import write_samples

    try_folder(arguments.out)
    with open_agent(InspectionAgent, arguments) as agent:
        samples = write_samples(arguments.out / "photos")
        say("Rendered samples, not photographs:")
        for path, sample in samples:
            say(f"  {path}: {sample.shows}")
        inspection = agent.inspect(arguments.out / "photos", id="demo")
    written = write_report(inspection, arguments.out, also=("html",))
    print_summary(inspection, written)
    found = _list_photos_with_findings(inspection)
    missed = [sample.name for _, sample in samples if sample.defects and sample.name not in found]
    if missed:
        say(
            "",
            f"With a defect drawn, and nothing found: {', '.join(missed)}.",
            "So is a triage: the offline engine looks for cracks only, and misses some.",
        )
    _write_example(arguments.out / "example")
    say_untold("inspection", "the demonstration tells nobody")
    # A demonstration did its job once it has shown what comes out, also where that is a triage.
    return EXIT_CODES["failed"] if inspection.status == "failed" else EXIT_CODES["complete"]


def _write_example(folder: Path) -> None:
    """Writes a report with all that a report can show, from answers that were written by hand."""
    from inspectiq._samples.flat import BY_HAND, DISCLOSURE, NOTE, inspect_flat
    from inspectiq.reports._brand import Brand

    inspection = inspect_flat()
    brand = Brand(more=NOTE, disclosure=DISCLOSURE)
    written = write_report(inspection, folder, more=NOTE, also=("html", "csv"), brand=brand)
    brief = folder / "report-brief.html"
    brief.write_text(inspection.to_html(brief=True, brand=brand), encoding="utf-8")
    (page,) = (path for path in written if path.name == "report.html")
    rooms = {outcome.photo.room for outcome in inspection.photos}
    say(
        "",
        "To see what a report shows once an engine sees every kind of issue:",
        f"  {page}",
        f"  {brief} is the short form, for a tenant.",
        f"  {BY_HAND}",
        f"  {len(inspection.issues)} issues in {len(rooms)} rooms of an invented flat, with "
        "levels, deadlines, costs and a person's reviews.",
    )


def _list_photos_with_findings(result: Result) -> set[str]:
    shown = {item.photo_id for finding in result.found for item in finding.evidence}
    return {outcome.photo.name for outcome in result.photos if outcome.photo.id in shown}


def check(arguments: argparse.Namespace) -> int:
    """Checks whether a call to the engine would work now."""
    with _make_agent(InspectionAgent, arguments, make_limits(arguments)) as agent:
        found = agent.check()
    if arguments.json:
        say_json(found.model_dump_json(indent=2))
    elif found.ok:
        took = f"answered in {found.seconds:.1f} s"
        say(f"{found.provider}:{found.model} {took}{_describe_cost(found)}")
        say(*(f"  {to_command_words(one)}" for one in found.problems))
    else:
        said = to_command_words(found.message or "")
        wrong = f"{found.error}: {said}" if found.error else said
        say(f"{found.provider}:{found.model}{_describe_cost(found)}: {wrong}", file=sys.stderr)
    return EXIT_CODES["complete" if found.ok else "failed"]


def _describe_cost(found: EngineHealth) -> str:
    spent = found.usage
    if spent is None or not spent.requests:
        return ""
    tokens = f", {spent.input_tokens + spent.output_tokens} tokens"
    return tokens if spent.usd is None else f"{tokens}, ${spent.usd:.4f}"


def _run(kind: type[Agent[Any, Any, Any]], name: str, arguments: argparse.Namespace) -> int:
    """Runs an agent, then writes and prints the result as the arguments say.

    Args:
        kind: The agent.
        name: The kind of its result, `inspection` or `diagnosis`.
        arguments: What was given.
    """
    fields = collect_fields(arguments)
    require_out(arguments)
    if arguments.out and not arguments.preview:
        try_folder(arguments.out)
    with open_agent(kind, arguments) as agent:
        check_photo_paths(arguments.paths)
        case = make_case(arguments.paths or None, fields)
        if agent.cost_book is not None:
            check_state(case.property.state, case.property.country, agent.cost_book)
        if arguments.preview:
            _print_preview(agent.preview(case), arguments)
            return EXIT_CODES["complete"]
        with open_teller(name, wanted=arguments.webhooks) as teller:
            result: Result = agent.run(case)
            put_out(result, arguments)
            if teller is not None:
                teller.tell(result, quiet=arguments.quiet)
    return EXIT_CODES[result.status]


def _print_preview(preview: Preview, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(preview.model_dump_json(indent=2))
    else:
        say(*str(preview).split("\n"))


@contextmanager
def open_agent(
    kind: type[AgentT], arguments: argparse.Namespace, *, limited: bool = True
) -> Iterator[AgentT]:
    """Opens an agent that shows its progress; with the limits that were given, unless not."""
    limits = make_limits(arguments) if limited else None
    with (
        ProgressBar(disable=arguments.quiet or None) as bar,
        _make_agent(kind, arguments, limits, observers=[bar]) as agent,
    ):
        try:
            yield agent
        finally:
            _sync.run(aclose(agent.transport))  # which the agent leaves open if we made it


def _make_agent(
    kind: type[AgentT],
    arguments: argparse.Namespace,
    limits: Limits | None = None,
    observers: Iterable[Observer] = (),
) -> AgentT:
    options: dict[str, Any] = {}
    if (folder := getattr(arguments, "config", None)) is not None:
        options = read_config(folder).to_agent_options()
    if named := getattr(arguments, "severity", None):
        options["severity"] = read_severity(named)
    if named := getattr(arguments, "cost_book", None):
        options["cost_book"] = read_cost_book(named)
    if file := getattr(arguments, "ledger", None):
        observers = [*observers, Ledger(file)]
    return kind(
        _make_engine(arguments, options.get("models")),
        limits=limits,
        cost_mode=getattr(arguments, "cost_mode", "book"),
        cache=getattr(arguments, "cache", None),
        observers=observers,
        **options,
    )


def _make_engine(arguments: argparse.Namespace, models: ModelTable | None) -> Engine | None:
    """Makes an engine of OpenAI's where `--detail` is given; else its name is enough."""
    named: str | None = arguments.engine
    detail: str | None = getattr(arguments, "detail", None)
    if detail is None:
        return named
    name, _, model = (named or Settings.from_env().engine or "").partition(":")
    if name != "openai":
        raise ConfigError(
            f"--detail {detail} is for --engine openai:MODEL; {name or 'no engine'} takes no detail"
        )
    from inspectiq.transports._openai import OpenAITransport

    return OpenAITransport(model or None, detail=detail, models=models)


def make_limits(arguments: argparse.Namespace) -> Limits | None:
    """Makes the limits of a run that were given; None for those of the environment."""
    given: dict[str, Any] = {}
    for name, what in _LIMITS.items():
        if (text := getattr(arguments, name, None)) is None:
            continue
        try:
            given[name] = getattr(Limits(**{name: text.strip()}), name)
        except ValueError:
            raise ConfigError(f"--{name} {text} is no {what}") from None
    return Limits(**given) if given else None


_LIMITS = {
    "usd": "amount of dollars; give a number from 0, such as 2.50",
    "deadline": "length of time; give a number of seconds above 0, such as 120",
}
