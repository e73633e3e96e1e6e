"""The columns of a table of rates, and how their cells are written."""

from __future__ import annotations

__all__ = ["COLUMNS", "FIGURES", "RECASED"]

COLUMNS = {
    "type": "type of issue; several, with spaces between, share the rate",
    "condition": "`wear` for work that is done instead where it is wear; else empty",
    "code": "code of the rate in a schedule of rates; each stands in one row",
    "label": "what is done, in plain words",
    "trade": "who does it",
    "unit": "what a quantity counts: each, sq_ft, lin_ft, sq_m, lin_m; empty for each",
    "quantity": "how much there usually is",
    "rate": "money for one unit, all in; or leave it empty and give hours and materials",
    "hours": "hours for one unit",
    "material": "what is used up",
    "material_quantity": "how much of it for one unit",
    "material_price": "money for one unit of it",
    "waste": "what is bought for what is used, 1.1 for a tenth more",
    "disposal": "money for taking away, for one unit",
    "permit": "money for a permit, once for a finding",
    "currency": "ISO 4217; the same in every row",
    "source": "who published the figures; empty for the book itself",
    "year": "of which year they are",
    "mark": "V seen at the source, S in secondary sources only, A an assumption",
}
"""The columns, and what stands in them. Only `type` and `trade` must be there."""

FIGURES = {"quantity", "rate", "hours", "disposal", "permit"} | {
    "material_quantity",
    "material_price",
    "waste",
}
"""Columns that hold figures."""

RECASED = {"type": str.lower, "condition": str.lower, "unit": str.lower} | {
    "currency": str.upper,
    "mark": str.upper,
}
"""Columns in which capitals mean nothing, and how we write them."""
