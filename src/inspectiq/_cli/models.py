"""The command that lists models: prices, dates, and what a photo takes of each."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from typing import Any

from inspectiq import _sync
from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.terminal import say, say_json
from inspectiq._settings import Settings
from inspectiq.errors import ConfigError
from inspectiq.limits._models import ModelInfo, ModelTable
from inspectiq.transports._openai.listing import compare_models, list_server_models
from inspectiq.transports._openai.models import read_models
from inspectiq.transports._openai.options import choose_effort
from inspectiq.transports._openai.photo_prices import PhotoPrice, list_photo_prices

__all__ = ["list_models"]


def list_models(arguments: argparse.Namespace) -> int:
    """Lists the models of the table, or compares them with the server's own list."""
    settings = Settings.from_env()
    table = read_models(arguments.models, settings)
    if arguments.check:
        return _check(table, settings, arguments)
    today = datetime.now(UTC).date()
    shown = [model for model in table.models if not model.is_shut_down(today)]
    if arguments.name:
        if (found := table.find(arguments.name)) is None:
            names = ", ".join(model.name for model in shown)
            raise ConfigError(
                f"there is no model {arguments.name!r} in the table; there is {names}"
            )
        shown = [found]
    priced = [(model, list(list_photo_prices(model, table))) for model in shown]
    if arguments.json:
        say_json(json.dumps([_to_json(*one) for one in priced], indent=2))
        return EXIT_CODES["complete"]
    say(
        f"Prices as of {table.as_of}, {table.source}; your invoice is right.",
        "Dollars a million tokens: input / from the cache / output. Then, at each detail, tokens",
        "of a photo of 4032 x 3024 pixels, and dollars that a budget holds for 100 of them, by",
        "effort; * is what is asked for if nothing is said.",
    )
    for model, prices in priced:
        say("", *_describe(model, prices, today))
    return EXIT_CODES["complete"]


def _to_json(model: ModelInfo, prices: list[PhotoPrice]) -> dict[str, Any]:
    photos = [price.model_dump(mode="json") for price in prices]
    return {**model.model_dump(mode="json"), "photos": photos}


def _describe(model: ModelInfo, prices: list[PhotoPrice], today: date) -> list[str]:
    """Describes a model in lines: its prices and dates, then a line for each detail."""
    cost = model.pricing
    told = (
        "no price" if cost is None else f"{cost.input} / {cost.cached_input or '-'} / {cost.output}"
    )
    lines = [f"{model.name:<16} {told}"]
    if shutdown := model.describe_shutdown(today):
        lines[0] += f"; {shutdown.removeprefix(model.name).strip()}"
    if model.disputed:
        lines.append(f"  disputed: {model.disputed}")
    usual = choose_effort(model) or model.default_effort or ""
    detail = model.detail or "high"
    for price in prices:
        efforts = "  ".join(
            f"{effort}{'*' if effort == usual and price.detail == detail else ''} "
            f"{usd * 100:.2f}".strip()
            for effort, usd in price.most_usd.items()
        )
        lines.append(f"  {price.detail:<9}{price.tokens:>7}  {efforts}")
    return lines


def _check(table: ModelTable, settings: Settings, arguments: argparse.Namespace) -> int:
    """Prints where the server's own list of models differs from the table."""
    listed = _sync.run(list_server_models(settings))
    today, server = datetime.now(UTC).date(), settings.openai_base_url
    differences = list(compare_models(table, listed, server=server, today=today))
    if arguments.json:
        say_json(json.dumps(differences, indent=2))
    else:
        say(*(differences or ["The server lists the models of the table, until the same days."]))
    return EXIT_CODES["partial" if differences else "complete"]
