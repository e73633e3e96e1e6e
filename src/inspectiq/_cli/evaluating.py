"""Compares stored results with labels, and writes the form to label in."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import print_json, try_folder
from inspectiq._cli.terminal import say
from inspectiq.errors import ConfigError
from inspectiq.evaluation._coco import to_coco
from inspectiq.evaluation._compare import Comparison, compare_runs
from inspectiq.evaluation._evaluate import evaluate
from inspectiq.evaluation._evaluation import Evaluation
from inspectiq.evaluation._figure import Figure
from inspectiq.evaluation._label_csv import write_template
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._monthly_review import MonthlyReview
from inspectiq.evaluation._review_month import review_month

__all__ = ["run_evaluation"]

BELOW = EXIT_CODES["partial"]

_FIGURES: Mapping[str, Callable[[Evaluation], Figure | None]] = {
    "precision": lambda made: made.overall.precision,
    "recall": lambda made: made.overall.recall,
    "kappa": lambda made: made.severity.kappa if made.severity else None,
    "overlap": lambda made: made.overlap_of_boxes,
    "cost-within": lambda made: made.costs.within if made.costs else None,
    "agreement": lambda made: made.agreement,
}
"""The figures that `--fail-under` takes; of each, more is better."""


def run_evaluation(arguments: argparse.Namespace) -> int:
    """Evaluates results, or writes the form; ends with 1 where a figure is too low."""
    if arguments.template is not None:
        if arguments.labels or arguments.fail_under or arguments.out or arguments.baseline:
            raise ConfigError("--template only writes the form; give nothing but RESULTS with it")
        _write_form(arguments.results, arguments.template)
        return EXIT_CODES["complete"]
    least = [_read_least(text) for text in arguments.fail_under]
    if arguments.out:
        try_folder(arguments.out)
    labels = _read_labels(arguments)
    if arguments.baseline is not None:
        return _compare(arguments, labels)
    made = evaluate(
        arguments.results,
        labels,
        tolerance=arguments.match,
        overlap=arguments.overlap,
        mixed=arguments.mixed,
        ledger=arguments.ledger,
    )
    _put_out("evaluation", made, made.to_html() if arguments.out else "", arguments)
    return _tell_what_is_below(made, least)


def run_month(arguments: argparse.Namespace) -> int:
    """Reviews a month, and writes or prints it."""
    if arguments.out:
        try_folder(arguments.out)
    month = arguments.month or f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"
    made = review_month(arguments.results, month, labels=arguments.labels)
    page = made.to_html(arguments.photos) if arguments.out else ""
    _put_out(f"review-{month}", made, page, arguments)
    return EXIT_CODES["complete"]


def _compare(arguments: argparse.Namespace, labels: Labels) -> int:
    """Tells how results differ from those of another run."""
    if arguments.fail_under:
        raise ConfigError("--fail-under is of one run; give it without --baseline")
    made = compare_runs(
        arguments.baseline,
        arguments.results,
        labels,
        tolerance=arguments.match,
        overlap=arguments.overlap,
        mixed=arguments.mixed,
    )
    _put_out("comparison", made, made.to_html() if arguments.out else "", arguments)
    return EXIT_CODES["complete"]


def _write_form(results: Path, form: Path) -> None:
    """Writes the form as CSV, or as COCO JSON for a labelling tool."""
    if form.suffix.lower() != ".json":
        write_template(results, form)
        say(f"Written: {form}", "Fill in the column truth: present, absent or clean.")
        return
    if form.exists():
        raise ConfigError(f"{form} is there already, and may hold labels; give another path")
    try_folder(form.parent)
    form.write_text(json.dumps(to_coco(results)), encoding="utf-8")
    say(f"Written: {form}", "Import it into a labelling tool, correct it, and export COCO JSON.")


def _read_labels(arguments: argparse.Namespace) -> Labels:
    if arguments.labels is None:
        return Labels.from_reviews(arguments.results)
    if arguments.sent is not None:
        return Labels.from_coco(arguments.labels, sent=arguments.sent)
    return Labels.of(arguments.labels)


def _put_out(
    name: str,
    made: Evaluation | Comparison | MonthlyReview,
    page: str,
    arguments: argparse.Namespace,
) -> None:
    """Writes files of a name into `--out`, or prints what was made."""
    if arguments.out:
        texts = {"md": made.to_markdown(), "json": made.to_json(), "html": page}
        for suffix, text in texts.items():
            path: Path = arguments.out / f"{name}.{suffix}"
            path.write_text(text, encoding="utf-8")
            say(str(path))
    if arguments.json:
        print_json(made.to_json())
    elif not arguments.out:
        say(*made.to_markdown().removesuffix("\n").split("\n"))


def _read_least(text: str) -> tuple[str, float]:
    name, _, least = text.partition("=")
    try:
        value = float(least)
    except ValueError:
        value = float("nan")
    if name not in _FIGURES or not -1 <= value <= 1:
        raise ConfigError(
            f"--fail-under {text}: write a figure and the least that it may be, such as recall=.8; "
            f"the figures are {', '.join(_FIGURES)}"
        )
    return name, value


def _tell_what_is_below(made: Evaluation, least: Sequence[tuple[str, float]]) -> int:
    """Says which figures are below what they may be at least; too few to say is below as well."""
    code = EXIT_CODES["complete"]
    for name, value in least:
        figure = _FIGURES[name](made)
        if figure is None or figure.value is None or figure.value < value:
            told = "not compared" if figure is None else figure.describe()
            say(f"inspectiq: {name} is below {value:g}: {told}", file=sys.stderr)
            code = BELOW
    return code
