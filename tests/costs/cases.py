"""Findings and cases to price."""

from decimal import Decimal
from typing import Any

from inspectiq import CostEstimate, Issue, Property, Taxonomy
from inspectiq.domain import CaseFacts, Observed, Quantity, Scope


def issue(type: str, amount: float | None = None, **fields: Any) -> Issue:
    """An issue as the agent makes it; `hours`, `trade` and `diy` reach its scope."""
    kind = Taxonomy.default()[type]
    scope = {key: fields.pop(key) for key in ("hours", "trade", "diy") if key in fields}
    return Issue(
        type=type,
        group=kind.group,
        label=kind.label,
        observed=Observed(description="seen"),
        scope=Scope(**{"trade": kind.trade, **scope}),
        quantity=None if amount is None else Quantity(amount=amount, unit=kind.unit),
        **fields,
    )


def case(state: str | None = None, country: str | None = None) -> CaseFacts:
    return CaseFacts(id="case", property=Property(state=state, country=country))


def amounts(cost: CostEstimate | None) -> dict[str, Decimal]:
    """The lines' amounts by kind."""
    assert cost is not None
    return {line.kind: line.amount for line in cost.lines}


def dec(**figures: str) -> dict[str, Decimal]:
    return {kind: Decimal(figure) for kind, figure in figures.items()}
