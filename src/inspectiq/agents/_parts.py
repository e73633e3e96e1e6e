"""Takes the parts that an agent is made of: objects, names of what ships, or paths of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from inspectiq.agents._prompts import Prompt
from inspectiq.domain._given_taxonomy import take_taxonomy
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.severity._policy import SeverityPolicy, take_policy

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.screening._emergencies import EmergencyScreen
    from inspectiq.severity._profile import SeverityProfile

__all__ = ["Parts", "take_parts"]


class Parts(TypedDict):
    """The parts, as an `Assessor` takes them."""

    taxonomy: Taxonomy
    severity: SeverityPolicy
    cost_book: CostBook
    emergency_screen: EmergencyScreen
    prompt: Prompt


def take_parts(
    *,
    taxonomy: Taxonomy | Path | str | None,
    severity: SeverityProfile | Path | str | None,
    cost_book: CostBook | Path | str | None,
    emergency_screen: EmergencyScreen | Path | str | None,
    prompt: Prompt | Path | str | None,
    prompt_name: str,
) -> Parts:
    """Takes each part that is given, and what ships with inspectiq for the others.

    Raises:
        ConfigError: One is of a wrong kind, or there is none of that name; with the choices.
    """
    # Their tables are read when they are first needed.
    from inspectiq.costs._book import CostBook
    from inspectiq.costs._book_files import take_book
    from inspectiq.costs._unknown_types import check_types
    from inspectiq.screening._emergencies import EmergencyScreen, take_screen

    types = Taxonomy.default() if taxonomy is None else take_taxonomy(taxonomy)
    book = CostBook.default() if cost_book is None else take_book(cost_book, "cost_book")
    if cost_book is not None:
        check_types(book, types)
    return Parts(
        taxonomy=types,
        severity=(
            SeverityPolicy.default() if severity is None else take_policy(severity, "severity")
        ),
        cost_book=book,
        emergency_screen=(
            EmergencyScreen.default() if emergency_screen is None else take_screen(emergency_screen)
        ),
        prompt=Prompt.shipped(prompt_name) if prompt is None else Prompt.of(prompt),
    )
