"""Runs a sweep: one run after the other, each with a checkpoint, under one budget and cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspectiq.agents._case_lines import read_cases
from inspectiq.agents._preview import Preview
from inspectiq.errors import BudgetExceeded, ConfigError, InspectIQError
from inspectiq.evaluation._compare import Comparison, compare_runs
from inspectiq.evaluation._evaluate import evaluate
from inspectiq.evaluation._extra import require_extra
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._reading import read_results
from inspectiq.evaluation._sweep import Sweep, SweptRun
from inspectiq.limits._ledger import Ledger
from inspectiq.limits._limits import Limits

if TYPE_CHECKING:
    from inspectiq.agents._inspection import InspectionAgent
    from inspectiq.evaluation._sweep_plan import SweepPlan, SweepRun

__all__ = ["execute", "preview"]

RESULTS, LEDGER, SETTINGS, CACHE = "results.jsonl", "usage.jsonl", "run.json", "cache.sqlite"

MakeAgent = Callable[..., "InspectionAgent"]


def execute(
    plan: SweepPlan, out: Path, make_agent: MakeAgent, on_run: Callable[[str], object] | None
) -> Sweep:
    """Runs a sweep; see `SweepPlan.execute`."""
    require_extra("a sweep", "numpy", "scipy.optimize", "scipy.special")
    labels = None if plan.labels is None else Labels.of(plan.labels)
    for run in plan.run:
        _keep_settings(run, out / run.name)
    stops: dict[str, InspectIQError] = {}
    for run in plan.run:
        left = plan.usd - sum(_read_paid(out / each.name)[0] for each in plan.run)
        if on_run is not None:
            on_run(run.name)
        try:
            _ask(run, plan, out, max(left, Decimal(0)), make_agent)
        except InspectIQError as error:  # the others may do better
            stops[run.name] = error
    swept = [_sum_up(run.name, plan, out, labels, stops.get(run.name)) for run in plan.run]
    return Sweep(usd=plan.usd, runs=tuple(_correct(swept)))


def preview(plan: SweepPlan, make_agent: MakeAgent) -> Iterator[tuple[str, str]]:
    """Estimates what each run takes; see `SweepPlan.preview`."""
    for run in plan.run:
        with make_agent(run) as agent:
            parts = [_preview_case(agent, case) for case in read_cases(plan.cases)]
        photos, requests = (sum(getattr(p, n) for p in parts) for n in ("sent", "requests"))
        told = f"{len(parts)} cases, {photos} photos in {requests} requests, "
        if any(part.usd is None for part in parts):
            yield run.name, told + "price unknown"
            continue
        low, high = (sum((p.usd[end] for p in parts if p.usd), Decimal(0)) for end in (0, 1))
        yield run.name, told + f"${low:.4f} to ${high:.4f}"


def _preview_case(agent: InspectionAgent, given: Any) -> Preview:
    if isinstance(given, InspectIQError):
        raise given
    fields = dict(given)
    return agent.preview(fields.pop("photos"), **fields)


def _keep_settings(run: SweepRun, folder: Path) -> None:
    """Keeps what a run is made of; refuses to go on with other settings under its name."""
    written = run.model_dump_json(indent=2) + "\n"
    settings = folder / SETTINGS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not settings.exists():
            settings.write_text(written, encoding="utf-8")
        before = settings.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} ({type(error).__name__}); give another folder"
        ) from error
    if before != written:
        raise ConfigError(
            f"{folder} holds a run of this name with other settings; give the run another name, or "
            "the sweep another folder"
        )


def _ask(run: SweepRun, plan: SweepPlan, out: Path, left: Decimal, make_agent: MakeAgent) -> None:
    folder = out / run.name
    shared = {"cache": out / CACHE, "observers": [Ledger(folder / LEDGER)]}
    with make_agent(run, **shared) as agent:
        outcomes = agent.run_many(
            read_cases(plan.cases),
            checkpoint=folder / RESULTS,
            again=("failed", "partial"),
            limits=Limits(usd=left),
        )
        with closing(outcomes):
            failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failed:
        raise failed[0]


def _read_paid(folder: Path) -> tuple[Decimal, int]:
    """Reads the dollars that a run took so far, and how many requests have no known price."""
    ledger = folder / LEDGER
    if not ledger.is_file() or not ledger.stat().st_size:
        return Decimal(0), 0
    lines = Ledger.read(ledger).summarise(None)
    return (
        sum((line.usd_known for line in lines), Decimal(0)),
        sum(line.unpriced for line in lines),
    )


def _sum_up(
    name: str, plan: SweepPlan, out: Path, labels: Labels | None, stop: InspectIQError | None
) -> SweptRun:
    folder = out / name
    usd, unpriced = _read_paid(folder)
    results = folder / RESULTS
    made = SweptRun(
        name=name,
        status="done" if stop is None else "stopped",
        why="" if stop is None else str(stop),
        usd=usd,
        unpriced=unpriced,
    )
    found = list(_count(results))
    if not found:
        no_money = isinstance(stop, BudgetExceeded)
        return made.model_copy(update={"status": "not run"} if no_money else {})
    photos, findings, unanswered = (sum(column) for column in zip(*found, strict=True))
    made = made.model_copy(
        update={
            "cases": len(found),
            "photos": photos,
            "findings": findings,
            "unanswered": unanswered,
        }
    )
    if labels is None:
        return made
    rule: dict[str, Any] = {"tolerance": plan.match, "overlap": plan.overlap, "mixed": True}
    ledger = folder / LEDGER
    judged = evaluate(results, labels, **rule, ledger=ledger if ledger.stat().st_size else None)
    first = out / plan.run[0].name / RESULTS
    is_first = name == plan.run[0].name or not any(_count(first))
    compared = None if is_first else _compare(first, results, labels, rule)
    return made.model_copy(update={"evaluation": judged, "comparison": compared})


def _count(results: Path) -> Iterator[tuple[int, int, int]]:
    """Counts, for each result, its photos, its findings, and photos without an answer."""
    if not results.is_file():
        return
    for result in read_results(results):
        statuses = [one.status for one in result.photos if one.status != "duplicate"]
        unanswered = sum(status in ("unclear", "failed") for status in statuses)
        yield len(statuses), len(result.found), unanswered


def _compare(first: Path, results: Path, labels: Labels, rule: dict[str, Any]) -> Comparison | None:
    try:
        return compare_runs(first, results, labels, **rule)
    except ConfigError:  # no case is in both
        return None


def _correct(runs: Sequence[SweptRun]) -> Iterator[SweptRun]:
    """Corrects the p of each comparison by Holm's step-down rule, for how many there are."""
    known = {
        run.name: run.comparison.found.p
        for run in runs
        if run.comparison is not None and run.comparison.found.p is not None
    }
    corrected: dict[str, float] = {}
    least = 0.0
    for place, (name, p) in enumerate(sorted(known.items(), key=lambda one: one[1])):
        least = min(1.0, max(least, p * (len(known) - place)))
        corrected[name] = least
    for run in runs:
        yield run.model_copy(update={"p": corrected.get(run.name)})
