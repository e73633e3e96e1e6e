"""`CostBook`: all the figures that an estimate is made of, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from inspectiq._refusals import validate_raw
from inspectiq._values import FROZEN, FrozenMap, Value, hash_content
from inspectiq.costs._book_parts import (
    Bounds,
    Burden,
    Correction,
    Overhead,
    Parity,
    Source,
    Spread,
    Tax,
    Trade,
    Wages,
)
from inspectiq.costs._cost_estimates import PricedFindings, estimate_alone, estimate_together
from inspectiq.costs._work import Work, WorkItem
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._property import CaseFacts
from inspectiq.errors import ConfigError

__all__ = ["CostBook"]

FindingT = TypeVar("FindingT", bound=Finding)

_UNITS = {"imperial": ("each", "sq_ft", "lin_ft"), "metric": ("each", "sq_m", "lin_m")}


class CostBook(Value):
    """Prices findings. It is pure data: replaceable, mergeable, with a content hash.

    Money is rounded half up to `minor_digits`, line by line, so that lines add up to the total.

    Attributes:
        name: Results record it, besides `sha256`.
        version: Results record it as well.
        currency: ISO 4217; one book has one currency.
        minor_digits: Decimal places of the currency; 2 for cents, 0 for yen.
        units: What areas and lengths are counted in; findings in feet are converted.
        country: ISO 3166-1 alpha-2 of the country that it is for; None for any.
        built_on: Name and version of the book that this one was merged over.
        regions: Names of states or regions by code; empty for any.
        wages: By region and trade.
        burden: What is billed for a wage.
        parity: Price level of goods by region.
        trades: Minimums by trade.
        items: Work by type of issue.
        fallback_type: Type whose work is used for a type that the book does not have.
        fallback_trade: Trade whose wage is used for a trade that the book does not have.
        overhead: Overhead and profit.
        spread: The range around the expected cost.
        tax: The tax on all costs; None for none.
        corrections: Learnt from invoices, by trade; see `calibrate`.
        bounds: The largest quantities and hours that are accepted from an engine.
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    minor_digits: Annotated[int, Field(ge=0, le=4)] = 2
    units: Literal["imperial", "metric"] = "imperial"
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    built_on: str | None = None
    regions: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    wages: Wages = Field(default_factory=Wages)
    burden: Burden = Field(default_factory=Burden)
    parity: Parity = Field(default_factory=Parity)
    trades: Annotated[Mapping[str, Trade], FROZEN] = FrozenMap()
    items: Annotated[Mapping[str, WorkItem], FROZEN] = FrozenMap()
    fallback_type: str | None = None
    fallback_trade: str | None = None
    overhead: Overhead = Field(default_factory=Overhead)
    spread: Spread = Field(default_factory=Spread)
    tax: Tax | None = None
    corrections: Annotated[Mapping[str, Correction], FROZEN] = FrozenMap()
    bounds: Bounds = Field(default_factory=Bounds)

    @model_validator(mode="after")
    def _check_consistency(self) -> CostBook:
        for table in ("wages", "parity"):
            self._check_regions(table, getattr(self, table).regions)
        coded: dict[str, Work] = {}
        for key, item in self.items.items():
            self._check_unit(key, item)
            _check_codes(key, item, coded)
        return self

    def _check_regions(self, table: str, regions: Iterable[str]) -> None:
        for region in regions:
            if self.regions and region not in self.regions:
                raise ValueError(
                    f"{table}.regions.{region}: unknown state or region {region!r}; "
                    "use its code, or add it to regions"
                )

    def _check_unit(self, key: str, item: WorkItem) -> None:
        if item.unit not in _UNITS[self.units]:
            raise ValueError(
                f"items.{key}.unit: {item.unit} is not one of the {self.units} units "
                f"{', '.join(_UNITS[self.units])}"
            )

    @classmethod
    def default(cls) -> CostBook:
        """Loads the book that ships with inspectiq, for the United States.

        Its hours and prices are assumptions.
        """
        from inspectiq.costs._us_book import load_us_book

        return load_us_book()

    @classmethod
    def from_toml(cls, path: str | Path) -> CostBook:
        """Reads a book from TOML. `base = "us"`, or the path of another book, is merged under it.

        Raises:
            ConfigError: What is wrong, in which file and place, and how to mend it.
        """
        from inspectiq.costs._book_files import read_book

        return read_book(Path(path), "TOML")

    @classmethod
    def from_json(cls, path: str | Path) -> CostBook:
        """Reads a book from JSON, in the form of `from_toml` or of `model_dump_json`.

        Raises:
            ConfigError: What is wrong, in which file and place, and how to mend it.
        """
        from inspectiq.costs._book_files import read_book

        return read_book(Path(path), "JSON")

    @classmethod
    def from_csv(cls, path: str | Path, *, base: CostBook | None = None, **fields: Any) -> CostBook:
        """Reads rates from CSV, one row a rate; see the guide for the columns.

        Args:
            path: The file. Its name is the book's, if `fields` has none.
            base: The book that the rates are merged over.
            fields: Fields of the book besides its rates: `version`, `units`, `tax`, `trades`, ….

        Raises:
            ConfigError: What is wrong, in which file, row and column, and how to mend it.
        """
        from inspectiq.costs._book_csv import read_csv_book

        return read_csv_book(Path(path), base, fields)

    def merge_over(self, base: CostBook) -> CostBook:
        """Merges this book over a base, whose figures fill the gaps.

        Tables merge entry by entry. Work with an all-in rate replaces the base's work.

        Raises:
            ConfigError: The currencies differ, or the figures do not go together.
        """
        own = self.model_dump(exclude_unset=True)
        try:
            return validate_raw(CostBook, merge_books(own, base))
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise ConfigError(
                f"{self.name} cannot be merged over {base.name}: {wrong.split('error, ')[-1]}"
            ) from None

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return hash_content(self)

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @cached_property
    def coin(self) -> Decimal:
        """The smallest amount of the currency, such as 0.01."""
        return Decimal(1).scaleb(-self.minor_digits)

    def round_amount(self, amount: Decimal) -> Decimal:
        """Rounds an amount to the nearest coin; half of one goes up."""
        return amount.quantize(self.coin, ROUND_HALF_UP)

    def get_source(self, given: Source | None) -> Source:
        """Gets the source of a figure, which is the book itself where none is stated."""
        return given or Source(name=self.label)

    def find_region(self, named: str) -> str | None:
        """Finds the code of a region by its code or name in any case; None if it is not known."""
        return self._region_by_name.get(named.strip().casefold())

    @cached_property
    def _region_by_name(self) -> dict[str, str]:
        by_name = {self.regions.get(code, code).casefold(): code for code in self.regional}
        return by_name | {code.casefold(): code for code in self.regional}

    @cached_property
    def regional(self) -> frozenset[str]:
        """Codes of the regions that have a wage or a price level of their own."""
        wages = {code for table in self.wages.list_layers() for code in table.regions}
        return frozenset(wages.union(*(table.regions for table in self.parity.list_layers())))

    def estimate(self, finding: Finding, case: CaseFacts) -> CostEstimate | None:
        """Estimates a finding's own work, as hired work; no visit minimum, no overhead.

        Returns:
            None where the book has no work for its type or no wage for its trade, nor a fallback.
        """
        return estimate_alone(self, finding, case)

    def estimate_together(
        self, findings: Sequence[FindingT], case: CaseFacts
    ) -> PricedFindings[FindingT]:
        """Estimates findings that are repaired together, with one visit for each trade.

        Minimum, overhead and tax are added as lines of their own, each in proportion. The order
        of the findings changes nothing.
        """
        return estimate_together(self, findings, case)


def merge_books(own: Mapping[str, Any], base: CostBook) -> dict[str, Any]:
    """Merges raw figures of a book over those of its base.

    Raises:
        ConfigError: The currencies differ.
    """
    currency = own.get("currency", base.currency)
    if currency != base.currency:
        raise ConfigError(
            f"two currencies: the book is in {currency}, its base {base.label} in "
            f"{base.currency}; state all figures of your own and leave the base out"
        )
    raw = _merge_over(base.model_dump(exclude={"wages", "parity"}), own)
    for table in ("wages", "parity"):
        # These keep a source for each layer, so that nobody's wage is told as somebody else's.
        figures, below = own.get(table), getattr(base, table)
        raw[table] = below if figures is None else _lay_over(figures, below)
    raw["built_on"] = base.label
    return raw


def _merge_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    if "source" in base:
        result["source"] = None  # whoever changes a figure answers for it
    for key, value in own.items():
        below = result.get(key)
        if (
            isinstance(value, Mapping)
            and isinstance(below, Mapping)
            and not _is_priced_otherwise(value, below)
        ):
            result[key] = _merge_over(below, value)
        else:
            result[key] = value
    return result


def _is_priced_otherwise(own: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Tells whether work is priced in another way than in the base: all in, or by hours."""
    return "rate" in own or (
        base.get("rate") is not None and not {"hours", "materials"}.isdisjoint(own)
    )


def _lay_over(figures: Any, base: Any) -> Any:
    if not isinstance(figures, Mapping):
        return figures  # validation says what is wrong with it
    below = figures.get("below")
    return {**figures, "below": base if below is None else _lay_over(below, base)}


def _check_codes(key: str, item: WorkItem, coded: dict[str, Work]) -> None:
    """Adds the codes of an item to `coded`; refuses one that different work has already."""
    for work in (item, item.wear):
        if work is None or work.code is None:
            continue
        if coded.setdefault(work.code, work) != work:
            raise ValueError(
                f"items.{key}.code: duplicate code {work.code!r} for different work; "
                "give each rate a code of its own"
            )
